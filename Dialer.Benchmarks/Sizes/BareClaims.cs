using System.Diagnostics;
using Dialer.Benchmarks.Calls;
using Dialer.Storage.Contacts;
using Dialer.Storage.Database;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>The silo's claim by hand: the same statement in a loop on one connection, of campaigns that are paused, and given back afterwards.</summary>
internal sealed class BareClaims(string connection) : IAsyncDisposable
{
    private const int Claims = 200;
    private readonly NpgsqlDataSource _database = DatabaseRegistration.CreateDataSource(
        new DatabaseOptions { ConnectionString = connection + ";Maximum Pool Size=1" });

    /// <summary>How long claims of <paramref name="limit"/> contacts take, of each campaign in turn.</summary>
    public async Task<Quantiles> RunAsync(RunningCampaigns campaigns, int limit, CancellationToken cancellationToken)
    {
        var owners = await OwnersAsync(campaigns, cancellationToken);
        var store = new ContactStore(_database);
        var times = new List<TimeSpan>();
        var claimed = new List<(Owner Owner, long Contact)>();
        for (var i = 0; i < Claims; i++)
        {
            var owner = owners[i % owners.Count];
            var clock = Stopwatch.StartNew();
            var rows = await store.ClaimAsync(owner.Number, owner.Key, owner.Epoch, TimeProvider.System.GetUtcNow(), limit, cancellationToken)
                ?? throw new InvalidOperationException($"Another owner took campaign {owner.Key}; nothing can be measured.");
            times.Add(clock.Elapsed);
            claimed.AddRange(rows.Select(row => (owner, row.Id)));
        }

        foreach (var of in claimed.GroupBy(c => c.Owner, c => c.Contact))
        {
            await store.ReleaseAsync(of.Key.Number, [.. of], of.Key.Epoch, notBefore: null, cancellationToken);
        }

        return Quantiles.Of(times);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<List<Owner>> OwnersAsync(RunningCampaigns campaigns, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(
            """
            select k.no, o.key, o.epoch from campaign k join owner o on o.kind = 'campaign' and o.key = k.tenant || '/' || k.id
            where k.id = any($1)
            """);
        command.Parameters.Add(new() { Value = campaigns.Ids.ToArray() });
        var owners = new List<Owner>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            owners.Add(new Owner(row.GetInt32(0), row.GetString(1), row.GetInt64(2)));
        }

        return owners;
    }

    private sealed record Owner(int Number, string Key, long Epoch);
}
