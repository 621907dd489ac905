using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

public sealed class OrleansReminderSqlTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private static readonly uint[] Hashes = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFF];
    private NpgsqlDataSource _database = null!;
    private OrleansStatements _statements = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        _statements = new OrleansStatements(_database);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_reminder_is_registered_changed_read_and_deleted_only_with_its_version()
    {
        var first = await UpsertAsync("campaign/1", 5, "watch", 60_000);
        var second = await UpsertAsync("campaign/1", 5, "watch", 3_000_000_000L);
        Assert.NotEqual(first, second);
        await UpsertAsync("campaign/1", 5, "other", 60_000);
        await UpsertAsync("campaign/2", 6, "watch", 60_000);

        Assert.Equal(2, (await _statements.RunAsync("ReadReminderRowsKey", ("ServiceId", "s"), ("GrainId", "campaign/1"))).Count);
        var row = Assert.Single(await _statements.RunAsync("ReadReminderRowKey", Key("campaign/1", "watch")));
        Assert.Equivalent(
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["grainid"] = "campaign/1", ["remindername"] = "watch", ["starttime"] = OrleansStatements.Began,
                ["period"] = 3_000_000_000L, ["version"] = second,
            },
            row,
            strict: true);

        Assert.False(await _statements.DidAsync("DeleteReminderRowKey", [.. Key("campaign/1", "watch"), ("Version", first)]));
        Assert.True(await _statements.DidAsync("DeleteReminderRowKey", [.. Key("campaign/1", "watch"), ("Version", second)]));
        Assert.Empty(await _statements.RunAsync("ReadReminderRowKey", Key("campaign/1", "watch")));
        await _statements.RunAsync("DeleteReminderRowsKey", ("ServiceId", "s"));
        Assert.Empty(await _statements.RunAsync("ReadReminderRowsKey", ("ServiceId", "s"), ("GrainId", "campaign/2")));
    }

    public static TheoryData<uint, uint> Ranges
    {
        get
        {
            var ranges = new TheoryData<uint, uint>();
            foreach (var begin in Hashes)
            {
                foreach (var end in Hashes)
                {
                    ranges.Add(begin, end);
                }
            }

            return ranges;
        }
    }

    // The oracle walks Orleans' ring of unsigned hashes; the table holds signed numbers and the provider picks by those.
    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task A_range_of_the_ring_holds_what_lies_after_its_begin_up_to_its_end(uint begin, uint end)
    {
        foreach (var hash in Hashes)
        {
            await UpsertAsync($"grain/{hash}", unchecked((int)hash), "watch", 60_000);
        }

        var key = unchecked((int)begin < (int)end) ? "ReadRangeRows1Key" : "ReadRangeRows2Key";
        var rows = await _statements.RunAsync(
            key, ("ServiceId", "s"), ("BeginHash", unchecked((int)begin)), ("EndHash", unchecked((int)end)));
        var expected = Hashes.Where(hash => begin == end || (hash != begin && unchecked(hash - begin) <= unchecked(end - begin)));
        Assert.Equal(
            expected.Select(hash => $"grain/{hash}").Order(StringComparer.Ordinal),
            rows.Select(row => (string)row["GrainId"]!).Order(StringComparer.Ordinal));
    }

    private static (string, object?)[] Key(string grain, string name) => [("ServiceId", "s"), ("GrainId", grain), ("ReminderName", name)];

    private async Task<int> UpsertAsync(string grain, int hash, string name, object period)
    {
        var row = Assert.Single(await _statements.RunAsync(
            "UpsertReminderRowKey",
            [.. Key(grain, name), ("GrainHash", hash), ("StartTime", OrleansStatements.Began), ("Period", period)]));
        return (int)row["Version"]!;
    }
}
