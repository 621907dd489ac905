using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>Waits for a PostgreSQL that is not there yet, as when both are started together, or that takes no writes yet.</summary>
public static partial class DatabaseStart
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenMessages = TimeSpan.FromSeconds(5);

    /// <summary>An open connection that can be written by, as soon as one can be had.</summary>
    /// <exception cref="PostgresException">The server answered with a refusal that waiting does not change.</exception>
    public static async Task<NpgsqlConnection> WaitAsync(
        NpgsqlDataSource dataSource, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        long? told = null;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var (connection, why) = await TryAsync(dataSource, cancellationToken);
            if (connection is not null)
            {
                if (told is not null)
                {
                    Connected(logger, clock.GetElapsedTime(began).TotalSeconds);
                }

                return connection;
            }

            if (told is null || clock.GetElapsedTime(told.Value) >= BetweenMessages)
            {
                told = clock.GetTimestamp();
                Waiting(logger, Where(dataSource), clock.GetElapsedTime(began).TotalSeconds, why);
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private static async Task<(NpgsqlConnection? Connection, string Why)> TryAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await dataSource.OpenConnectionAsync(cancellationToken);
            if (!await DatabaseAnswer.IsReadOnlyAsync(dataSource, connection, cancellationToken))
            {
                return (connection, "");
            }

            await connection.DisposeAsync();
            return (null, "it takes no writes (transaction_read_only is on: a standby, or set so)");
        }
        catch (Exception error) when (MayPass(error))
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            return (null, error.InnerException?.Message ?? error.Message);
        }
    }

    // Without a SQLSTATE nobody answered. With one, only these pass by themselves: starting up, shutting down, full.
    // (A host name that does not resolve yet is a bare SocketException.)
    private static bool MayPass(Exception error) => error switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.TooManyConnections,
        _ => error is NpgsqlException or SocketException or TimeoutException,
    };

    private static string Where(NpgsqlDataSource dataSource)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        return $"{settings.Host}:{settings.Port}/{settings.Database}";
    }

    [LoggerMessage(LogLevel.Warning, "Waiting for PostgreSQL at {Where}, for {Seconds:0} s so far: {Reason}")]
    private static partial void Waiting(ILogger logger, string where, double seconds, string reason);

    [LoggerMessage(LogLevel.Information, "PostgreSQL is there, after {Seconds:0.0} s")]
    private static partial void Connected(ILogger logger, double seconds);
}
