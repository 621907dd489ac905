using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>
/// Holds all rows of a table, so that statements which come to lock them stand before it, one behind the other in the order in which
/// they came. What happens at the same moment so happens in an order that was chosen, each time.
/// </summary>
public sealed class StatementGate : IAsyncDisposable
{
    // Long enough for a statement to arrive at the gate or to be done; whoever needs longer only comes in another order.
    private static readonly TimeSpan Arrival = TimeSpan.FromMilliseconds(25);

    private readonly NpgsqlDataSource _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _holding;

    private StatementGate(NpgsqlDataSource database, NpgsqlConnection connection, NpgsqlTransaction holding) =>
        (_database, _connection, _holding) = (database, connection, holding);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<StatementGate> CloseAsync(NpgsqlDataSource database, string table)
    {
        var connection = await database.OpenConnectionAsync(Ct);
        var holding = await connection.BeginTransactionAsync(Ct);
        await using var command = new NpgsqlCommand($"select from {table} for update", connection, holding);
        await command.ExecuteNonQueryAsync(Ct);
        return new StatementGate(database, connection, holding);
    }

    /// <summary>Starts something, and goes on when it is done or stands before the gate.</summary>
    public async Task<Task> StartAsync(Func<Task> act)
    {
        var standing = await StandingAsync();
        var running = act();
        var began = TimeProvider.System.GetTimestamp();
        while (!running.IsCompleted && TimeProvider.System.GetElapsedTime(began) < Arrival && await StandingAsync() <= standing)
            await Task.WhenAny(running, Task.Delay(1, Ct));
        return running;
    }

    /// <summary>Breaks the connection of every statement that stands before the gate.</summary>
    public Task CutAsync() => RunAsync(
        $"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");

    /// <summary>Opens the gate.</summary>
    public async ValueTask DisposeAsync()
    {
        await _holding.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private Task<long> StandingAsync() => RunAsync(PrivatePostgres.CountWaiting);

    private async Task<long> RunAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }
}
