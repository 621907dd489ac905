using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

public sealed class DatabaseMigrationsTests(PrivatePostgres postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_processes_that_start_at_once_apply_each_script_once()
    {
        var connectionString = await postgres.CreateDatabaseAsync(migrate: false);
        // A pool each, as eight processes would have.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => DatabaseMigrations.ApplyAsync(connectionString, null, NullLogger.Instance, Ct), Ct)));

        await using var database = NpgsqlDataSource.Create(connectionString);
        var applied = await ReadAsync(database, "SELECT scriptname FROM schema_version ORDER BY schemaversionsid");
        Assert.Equal("0001_orleans.sql", applied[0]);
        Assert.Equal(applied.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), applied);
        // Of this database: others of the server are made by other tests meanwhile.
        Assert.Equal("0", (await ReadAsync(
            database,
            "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))[0]);
    }

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_behind_and_is_named()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(migrate: false));
        var scripts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["0002_half.sql"] = "CREATE TABLE half (id int); INSERT INTO nowhere VALUES (1);",
            ["0001_whole.sql"] = "CREATE TABLE whole (id int); INSERT INTO whole VALUES (1);",
            ["0003_never.sql"] = "CREATE TABLE never (id int);",
        };

        var error = await Assert.ThrowsAsync<DatabaseMigrationException>(
            () => DatabaseMigrations.ApplyAsync(database, scripts, null, NullLogger.Instance, Ct));
        Assert.Equal("0002_half.sql", error.Script);
        Assert.Contains("0002_half.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"nowhere\" does not exist", error.Message, StringComparison.Ordinal);
        Assert.Equal(["schema_version", "whole"], await TablesAsync(database));

        // The lock is free again and the corrected script goes on from there.
        scripts["0002_half.sql"] = "CREATE TABLE half (id int);";
        await DatabaseMigrations.ApplyAsync(database, scripts, null, NullLogger.Instance, Ct);
        Assert.Equal(["half", "never", "schema_version", "whole"], await TablesAsync(database));
        Assert.Equal(["1"], await ReadAsync(database, "SELECT count(*)::text FROM whole"));
    }

    [Fact]
    public async Task A_quoted_statement_with_semicolons_dollars_and_parameters_is_stored_letter_by_letter()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(migrate: false));
        var scripts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["0001.sql"] = "CREATE TABLE t (x text);\nINSERT INTO t VALUES ($query$a;\n;\n @Name 'x' $schema$ -- b$query$);",
        };
        await DatabaseMigrations.ApplyAsync(database, scripts, null, NullLogger.Instance, Ct);
        Assert.Equal(["a;\n;\n @Name 'x' $schema$ -- b"], await ReadAsync(database, "SELECT x FROM t"));
    }

    [Fact]
    public async Task A_database_that_comes_later_is_waited_for()
    {
        await using var server = await PrivatePostgres.StartDedicatedAsync();
        await server.StopAsync();
        var log = new SignalLog("Waiting for PostgreSQL");
        await using var database = DatabaseRegistration.CreateDataSource(new() { ConnectionString = server.ConnectionString() });

        var migration = DatabaseMigrations.ApplyAsync(database, null, log, Ct);
        var message = await log.Seen.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.DoesNotContain("Password", message, StringComparison.OrdinalIgnoreCase);
        Assert.False(migration.IsCompleted);
        await server.StartAsync();
        await migration.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        Assert.Contains("orleans_storage", await TablesAsync(database));
    }

    [Fact]
    public async Task A_refusal_that_waiting_does_not_change_is_told_at_once()
    {
        var wrong = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync(migrate: false)) { Database = "no_such_database" };
        var error = await Assert.ThrowsAsync<PostgresException>(
            () => DatabaseMigrations.ApplyAsync(wrong.ConnectionString, null, NullLogger.Instance, Ct));
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, error.SqlState);
    }

    [Fact]
    public async Task What_is_committed_survives_a_crash_of_the_server()
    {
        await using var server = await PrivatePostgres.StartDedicatedAsync();
        await server.ExecuteAsync("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)", "dialer");
        await server.CrashAsync();
        await server.StartAsync();
        await using var database = NpgsqlDataSource.Create(server.ConnectionString());
        Assert.Equal(["7"], await ReadAsync(database, "SELECT id::text FROM kept"));
    }

    [Fact]
    public async Task A_frozen_server_answers_nobody_until_it_is_thawed()
    {
        await using var server = await PrivatePostgres.StartDedicatedAsync();
        await using var database = NpgsqlDataSource.Create(server.ConnectionString());
        Assert.Equal(["1"], await ReadAsync(database, "SELECT '1'"));
        await server.FreezeAsync();
        await using (var impatient = NpgsqlDataSource.Create(server.ConnectionString() + ";Command Timeout=1;Timeout=1;Cancellation Timeout=-1"))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(impatient, "SELECT '2'"));
        }

        var waiting = ReadAsync(database, "SELECT '3'");
        await server.ThawAsync();
        Assert.Equal(["3"], await waiting);
    }

    [Fact]
    public void What_the_connection_string_says_wins_over_our_defaults()
    {
        using var database = DatabaseRegistration.CreateDataSource(new() { ConnectionString = "Host=127.0.0.1;Maximum Pool Size=3" });
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        Assert.Equal(3, settings.MaxPoolSize);
        Assert.Equal("dialer", settings.ApplicationName);
        Assert.Equal(30, settings.CommandTimeout);
        Assert.True(settings.TcpKeepAlive);
        Assert.False(settings.Multiplexing);
    }

    [Fact]
    public void A_connection_string_that_is_not_understood_is_refused_without_repeating_it()
    {
        var error = Assert.Throws<ArgumentException>(
            () => DatabaseRegistration.CreateDataSource(new() { ConnectionString = "Host=127.0.0.1;Pasword=hush" }));
        Assert.Contains("connection string", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    private static Task<List<string>> TablesAsync(NpgsqlDataSource database) =>
        ReadAsync(database, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var rows = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
