using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

/// <summary>A database that answers and takes no writes: a standby, or one whose default was set so.</summary>
public sealed class DatabaseAnswerTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private string _connection = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connection = await postgres.CreateDatabaseAsync(migrate: false);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task It_is_not_well_before_it_takes_writes_again()
    {
        await using var database = NpgsqlDataSource.Create(_connection);
        await TakeWritesAsync(false);
        Assert.Equal(DatabaseState.ReadOnly, await DatabaseAnswer.AskAsync(database, Ct));
        await TakeWritesAsync(true);
        // The session that was refused is not asked again.
        Assert.Equal(DatabaseState.Well, await DatabaseAnswer.AskAsync(database, Ct));
    }

    [Fact]
    public async Task Nothing_begins_before_it_takes_writes()
    {
        await TakeWritesAsync(false);
        var log = new SignalLog("Waiting for PostgreSQL");
        await using var database = NpgsqlDataSource.Create(_connection);
        var start = DatabaseMigrations.ApplyAsync(database, null, log, Ct);
        Assert.Contains("takes no writes", await log.Seen.WaitAsync(TimeSpan.FromSeconds(10), Ct), StringComparison.Ordinal);
        Assert.False(start.IsCompleted);
        await TakeWritesAsync(true);
        await start.WaitAsync(TimeSpan.FromSeconds(30), Ct);
    }

    [Fact]
    public async Task A_connection_that_is_kept_is_not_kept_from_before()
    {
        await TakeWritesAsync(false);
        await using var database = NpgsqlDataSource.Create(_connection);
        await using var standing = new StandingConnection(database) { PlanAgain = TimeSpan.Zero };
        Assert.Equal("on", await AskAsync(standing));
        await TakeWritesAsync(true);
        Assert.Equal("off", await AskAsync(standing));
    }

    [Fact]
    public async Task A_connection_that_is_kept_plans_once_for_arrays_of_any_length()
    {
        await using var database = NpgsqlDataSource.Create(_connection);
        await using var standing = new StandingConnection(database) { PlanAgain = TimeSpan.Zero };
        for (var i = 0; i < 2; i++)
            Assert.Equal("force_generic_plan", await AskAsync(standing, "plan_cache_mode"));
    }

    private static async Task<object?> AskAsync(StandingConnection standing, string setting = "transaction_read_only")
    {
        await using var command = await standing.CommandAsync($"show {setting}", Ct);
        return await command.ExecuteScalarAsync(Ct);
    }

    private async Task TakeWritesAsync(bool takes)
    {
        var settings = new NpgsqlConnectionStringBuilder(_connection);
        var name = settings.Database;
        settings.Database = "postgres";
        await using var server = NpgsqlDataSource.Create(settings);
        await using var command = server.CreateCommand($"alter database {name} set default_transaction_read_only = {(takes ? "off" : "on")}");
        await command.ExecuteNonQueryAsync(Ct);
    }
}
