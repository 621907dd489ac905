using System.Data;
using System.Diagnostics;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>A connection that is kept, for one user at a time, and opened anew when it broke.</summary>
internal sealed class StandingConnection(NpgsqlDataSource database) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;
    private long _plannedAt;

    /// <summary>
    /// A plan is made for the table as it is at that moment, and kept until its statistics are gathered: one from when it was small reads all
    /// of it later (seen: an attempt table of 50,000 rows, 23 times a second, in the first minutes of an installation).
    /// </summary>
    public TimeSpan PlanAgain { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A command on the connection. The one before must be over.</summary>
    /// <exception cref="NpgsqlException">The database can't be reached.</exception>
    public async Task<NpgsqlCommand> CommandAsync(string statement, CancellationToken cancellationToken)
    {
        if (_connection is not { State: ConnectionState.Open } connection)
        {
            connection = await OpenAsync(cancellationToken);
            _plannedAt = Stopwatch.GetTimestamp();
        }

        if (Stopwatch.GetElapsedTime(_plannedAt) > PlanAgain)
        {
            _plannedAt = Stopwatch.GetTimestamp();
            await using (var forget = new NpgsqlCommand("discard plans", connection))
                await forget.ExecuteNonQueryAsync(cancellationToken);
            // One that was opened while nothing could be written would refuse for ever.
            if (await DatabaseAnswer.IsReadOnlyAsync(database, connection, cancellationToken))
                connection = await OpenAsync(cancellationToken);
        }

        return new NpgsqlCommand(statement, connection);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            // Rows come in arrays, and PostgreSQL would plan anew for the length of each: at 1,000 calls/s twice what carrying it out takes.
            await using var setting = new NpgsqlCommand("set plan_cache_mode = force_generic_plan", connection);
            await setting.ExecuteNonQueryAsync(cancellationToken);
            return _connection = connection;
        }
        // One without it is not kept.
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
