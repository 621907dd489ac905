using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

public sealed class OrleansStorageSqlTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;
    private OrleansStatements _statements = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        _statements = new OrleansStatements(_database);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("tenant/campaign")]
    public async Task A_state_is_written_read_cleared_and_written_again_under_rising_versions(string? extension)
    {
        Assert.Empty(await _statements.RunAsync("ReadFromStorageKey", Id(extension)));
        Assert.Equal(1, await WriteAsync(extension, null, 1, 2, 3));
        Assert.Equal(2, await WriteAsync(extension, 1, 4));
        await AssertStoredAsync(extension, 2, 4);

        Assert.Equal(3, await FirstAsync("ClearStorageKey", extension, 2));
        await AssertStoredAsync(extension, 3, null);
        Assert.Equal(4, await WriteAsync(extension, 3, 5));
        Assert.Equal(5, await FirstAsync("DeleteStorageKey", extension, 4));
        Assert.Empty(await _statements.RunAsync("ReadFromStorageKey", Id(extension)));
    }

    [Fact]
    public async Task A_writer_that_comes_too_late_gets_its_own_version_back_and_changes_nothing()
    {
        Assert.Equal(1, await WriteAsync(null, null, 1));
        Assert.Null(await WriteAsync(null, null, 9));
        Assert.Equal(2, await WriteAsync(null, 1, 2));
        Assert.Equal(1, await WriteAsync(null, 1, 9));
        Assert.Equal(1, await FirstAsync("ClearStorageKey", null, 1));
        Assert.Equal(1, await FirstAsync("DeleteStorageKey", null, 1));
        await AssertStoredAsync(null, 2, 2);
    }

    [Fact]
    public async Task Of_many_first_writes_at_once_one_wins_and_the_rest_are_conflicts_not_errors()
    {
        for (var round = 0; round < 20; round++)
        {
            var extension = $"grain {round}";
            var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => WriteAsync(extension, null, (byte)i))));
            Assert.Single(versions, 1);
            Assert.Equal(7, versions.Count(version => version is null));
        }
    }

    [Fact]
    public async Task Of_many_writes_from_one_version_one_wins()
    {
        Assert.Equal(1, await WriteAsync(null, null, 0));
        for (var version = 1; version < 20; version++)
        {
            var from = version;
            var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => WriteAsync(null, from, (byte)i))));
            Assert.Single(versions, from + 1);
            Assert.Equal(7, versions.Count(result => result == from));
        }
    }

    private static (string, object?)[] Id(string? extension) =>
    [
        ("GrainIdHash", 11), ("GrainTypeHash", -12), ("GrainIdN0", 13L), ("GrainIdN1", -14L), ("GrainTypeString", "campaign"),
        ("GrainIdExtensionString", extension), ("ServiceId", "dialer"),
    ];

    private async Task<int?> WriteAsync(string? extension, int? version, params byte[] payload)
    {
        var row = Assert.Single(await _statements.RunAsync(
            "WriteToStorageKey", [.. Id(extension), ("GrainStateVersion", version), ("PayloadBinary", payload)]));
        return (int?)row["NewGrainStateVersion"];
    }

    private async Task<int?> FirstAsync(string key, string? extension, int version) =>
        (int?)Assert.Single(await _statements.RunAsync(key, [.. Id(extension), ("GrainStateVersion", version)])).First().Value;

    private async Task AssertStoredAsync(string? extension, int version, byte? payload)
    {
        var row = Assert.Single(await _statements.RunAsync("ReadFromStorageKey", Id(extension)));
        Assert.Equal(version, row["Version"]);
        Assert.Equal(payload is null ? null : new[] { payload.Value }, row["PayloadBinary"]);
    }
}
