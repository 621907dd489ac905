using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

public sealed class OrleansMembershipSqlTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const int Active = 3;
    private const int Dead = 6;
    private NpgsqlDataSource _database = null!;
    private OrleansStatements _statements = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        _statements = new OrleansStatements(_database);
        Assert.True(await _statements.DidAsync("InsertMembershipVersionKey", ("DeploymentId", "d")));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task The_version_row_is_made_once_and_stands_alone_until_a_silo_joins()
    {
        Assert.False(await _statements.DidAsync("InsertMembershipVersionKey", ("DeploymentId", "d")));
        var row = Assert.Single(await ReadAllAsync());
        Assert.Equal(0, row["Version"]);
        Assert.Null(row["StartTime"]);
    }

    [Fact]
    public async Task A_silo_that_joins_is_read_back_with_every_column()
    {
        Assert.True(await InsertAsync(1, version: 0));
        var expected = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["address"] = "127.0.0.1", ["port"] = 1, ["generation"] = 7, ["siloname"] = "silo", ["hostname"] = "host",
            ["status"] = Active, ["proxyport"] = 30_000, ["suspecttimes"] = null, ["starttime"] = OrleansStatements.Began,
            ["iamalivetime"] = OrleansStatements.Began, ["version"] = 1,
        };
        Assert.Equivalent(expected, Assert.Single(await ReadAllAsync()), strict: true);
        Assert.Equivalent(expected, Assert.Single(await _statements.RunAsync("MembershipReadRowKey", Key(1))), strict: true);

        var other = Assert.Single(await _statements.RunAsync("MembershipReadRowKey", Key(2)));
        Assert.Null(other["StartTime"]);
        Assert.Equal(1, other["Version"]);
    }

    [Fact]
    public async Task A_change_with_a_stale_version_changes_neither_the_silo_nor_the_version()
    {
        Assert.True(await InsertAsync(1, version: 0));
        Assert.False(await InsertAsync(2, version: 0));
        Assert.False(await InsertAsync(1, version: 1));
        Assert.False(await UpdateAsync(1, Dead, version: 0));
        Assert.False(await UpdateAsync(9, Dead, version: 1));
        var row = Assert.Single(await ReadAllAsync());
        Assert.Equal((1, Active), ((int)row["Version"]!, (int)row["Status"]!));

        Assert.True(await UpdateAsync(1, Dead, version: 1));
        row = Assert.Single(await ReadAllAsync());
        Assert.Equal((2, Dead, "127.0.0.1:2@1,then"), ((int)row["Version"]!, (int)row["Status"]!, (string)row["SuspectTimes"]!));
    }

    [Fact]
    public async Task Of_many_silos_that_join_at_one_version_exactly_one_does()
    {
        for (var version = 0; version < 20; version++)
        {
            var port = version * 10;
            var joined = await Task.WhenAll(Enumerable.Range(port, 8).Select(p => Task.Run(() => InsertAsync(p, version))));
            Assert.Single(joined, won => won);
        }

        var rows = await ReadAllAsync();
        Assert.Equal(20, rows.Count);
        Assert.All(rows, row => Assert.Equal(20, row["Version"]));
    }

    [Fact]
    public async Task An_update_that_waits_for_a_heartbeat_goes_through_and_keeps_the_later_time()
    {
        Assert.True(await InsertAsync(1, version: 0));
        await using var silo = await _database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var heartbeat = await silo.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var later = OrleansStatements.Began.AddMinutes(5);
        await OrleansStatements.RunAsync(silo, "UpdateIAmAlivetimeKey", [.. Key(1), ("IAmAliveTime", later)]);

        var update = UpdateAsync(1, Dead, version: 1);
        await UntilSomebodyWaitsForALockAsync();
        await heartbeat.CommitAsync(TestContext.Current.CancellationToken);
        Assert.True(await update);
        var row = Assert.Single(await ReadAllAsync());
        Assert.Equal((2, Dead, later), ((int)row["Version"]!, (int)row["Status"]!, (DateTime)row["IAmAliveTime"]!));
    }

    [Fact]
    public async Task Gateways_are_silos_of_the_status_asked_for_that_have_a_proxy_port()
    {
        Assert.True(await InsertAsync(1, version: 0));
        Assert.True(await InsertAsync(2, version: 1, proxyPort: 0));
        Assert.True(await InsertAsync(3, version: 2));
        Assert.True(await UpdateAsync(3, Dead, version: 3));
        var gateway = Assert.Single(await _statements.RunAsync("GatewaysQueryKey", ("DeploymentId", "d"), ("Status", Active)));
        Assert.Equal(("127.0.0.1", 30_000, 7), ((string)gateway["Address"]!, (int)gateway["ProxyPort"]!, (int)gateway["Generation"]!));
    }

    [Fact]
    public async Task Cleaning_up_takes_old_silos_that_are_not_active()
    {
        Assert.True(await InsertAsync(1, version: 0));
        Assert.True(await InsertAsync(2, version: 1));
        Assert.True(await UpdateAsync(2, Dead, version: 2));
        await CleanUpAsync(OrleansStatements.Began);
        Assert.Equal(2, (await ReadAllAsync()).Count);
        await CleanUpAsync(OrleansStatements.Began.AddSeconds(1));
        Assert.Equal(1, Assert.Single(await ReadAllAsync())["Port"]);

        Task CleanUpAsync(DateTime before) =>
            _statements.RunAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", "d"), ("IAmAliveTime", before));
    }

    [Fact]
    public async Task Cleaning_up_one_silo_needs_it_dead_and_as_it_was_read()
    {
        Assert.True(await InsertAsync(1, version: 0));
        await CleanUpAsync(OrleansStatements.Began, null);
        Assert.True(await UpdateAsync(1, Dead, version: 1));
        await CleanUpAsync(OrleansStatements.Began, null);
        await CleanUpAsync(OrleansStatements.Began.AddTicks(10), "127.0.0.1:2@1,then");
        Assert.NotNull(Assert.Single(await ReadAllAsync())["StartTime"]);
        await CleanUpAsync(OrleansStatements.Began, "127.0.0.1:2@1,then");
        Assert.Null(Assert.Single(await ReadAllAsync())["StartTime"]);

        Task CleanUpAsync(DateTime alive, string? suspects) => _statements.RunAsync(
            "CleanupDefunctSiloEntryKey",
            [.. Key(1), ("StartTime", OrleansStatements.Began), ("IAmAliveTime", alive), ("SuspectTimes", suspects)]);
    }

    [Fact]
    public async Task Deleting_a_deployment_takes_its_silos_and_its_version()
    {
        Assert.True(await InsertAsync(1, version: 0));
        await _statements.RunAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", "other"));
        Assert.Single(await ReadAllAsync());
        await _statements.RunAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", "d"));
        Assert.Empty(await ReadAllAsync());
        Assert.True(await _statements.DidAsync("InsertMembershipVersionKey", ("DeploymentId", "d")));
        Assert.Null(Assert.Single(await ReadAllAsync())["StartTime"]);
    }

    private static (string, object?)[] Key(int port) =>
        [("DeploymentId", "d"), ("Address", "127.0.0.1"), ("Port", port), ("Generation", 7)];

    private Task<List<Dictionary<string, object?>>> ReadAllAsync() => _statements.RunAsync("MembershipReadAllKey", ("DeploymentId", "d"));

    private Task<bool> InsertAsync(int port, int version, int proxyPort = 30_000) => _statements.DidAsync(
        "InsertMembershipKey",
        [
            .. Key(port), ("SiloName", "silo"), ("HostName", "host"), ("Status", Active), ("ProxyPort", proxyPort),
            ("StartTime", OrleansStatements.Began), ("IAmAliveTime", OrleansStatements.Began), ("Version", version),
        ]);

    private Task<bool> UpdateAsync(int port, int status, int version) => _statements.DidAsync(
        "UpdateMembershipKey",
        [
            .. Key(port), ("Status", status), ("SuspectTimes", "127.0.0.1:2@1,then"),
            ("IAmAliveTime", OrleansStatements.Began), ("Version", version),
        ]);

    private async Task UntilSomebodyWaitsForALockAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await using var command = _database.CreateCommand(PrivatePostgres.CountWaiting);
        while ((long)(await command.ExecuteScalarAsync(patience.Token))! == 0)
        {
            Assert.False(patience.IsCancellationRequested, "the update never came to wait for the heartbeat's row");
        }
    }
}
