using CsCheck;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>
/// Campaign owners, calls, lost owners and uploads in any order and at the same time. Whatever happens: the counters equal the rows,
/// nobody has two running attempts, an ended attempt stays ended, and in the end everybody can be called or is done.
/// </summary>
public sealed class StoreInterleavingProperties(PrivatePostgres postgres)
{
    private static readonly string[] s_kinds =
        ["claim", "claim", "start", "start", "start", "end", "end", "end", "release", "upload", "add", "newOwner", "newTrunk"];

    private static readonly Gen<Act> s_act = Gen.Select(
        Gen.Int[0, s_kinds.Length - 1], Gen.Int[0, 1000], Gen.Bool, (what, pick, together) => new Act(s_kinds[what], pick, together));

    private sealed record Act(string What, int Pick, bool WithTheNext);

    [Fact]
    public Task Counters_and_rows_agree_whatever_happens_at_the_same_time() => s_act.Array[40].SampleAsync(
        async acts =>
        {
            await using var store = await StoreFixture.CreateAsync(postgres);
            await RunAsync(store, acts);
        },
        iter: 12, threads: 1);

    private static async Task RunAsync(StoreFixture store, Act[] acts)
    {
        await store.UploadAsync(ListMode.Replace, 1, 2, 3, 4, 5, 6);
        var claims = new List<ContactRow>();
        var running = new List<Guid>();
        var ended = 0;
        var together = new List<Task>();
        foreach (var act in acts)
        {
            together.Add(DoAsync(act));
            if (act.WithTheNext && together.Count < 4)
                continue;
            await Task.WhenAll(together);
            together.Clear();
            await CheckAsync();
        }

        await Task.WhenAll(together);
        foreach (var attempt in running.ToArray())
            Assert.True(await store.Attempts.EndAsync(store.End(attempt)));
        store.Epoch = await store.TakeAsync(Dialer.Storage.Database.Owners.Campaign, StoreFixture.CampaignKey);
        await store.Contacts.RecoverAsync(store.Campaign, store.Epoch, TestContext.Current.CancellationToken);
        await store.CountersAsync();
        // Nobody is forgotten: whoever is not in a final state can be claimed.
        var waiting = await store.AskAsync<long>("select count(*) from contact where state in (0, 1)");
        Assert.Equal(waiting, (await store.ClaimAsync(1000, now: StoreFixture.Now.AddYears(1))).Count);

        async Task DoAsync(Act act)
        {
            switch (act.What)
            {
                case "claim":
                    var claimed = await store.ClaimAsync(1 + (act.Pick % 3));
                    lock (claims)
                        claims.AddRange(claimed);
                    break;
                case "start" when Pick(claims, act.Pick) is { } contact:
                    var start = store.Start(contact);
                    if (await store.Stores[act.Pick % 2].StartAsync(start) == StartOutcome.Started)
                        lock (running)
                            running.Add(start.Id);
                    break;
                case "end" when Pick(running, act.Pick) is { } attempt && attempt != Guid.Empty:
                    var end = (act.Pick % 3) switch
                    {
                        0 => store.End(attempt),
                        1 => store.End(attempt, Verdict.Busy, ContactState.Waiting, StoreFixture.Now.AddMinutes(30), retriesUsed: 1),
                        _ => store.End(attempt, Verdict.Rejected, ContactState.Failed),
                    };
                    Assert.True(await store.Stores[act.Pick % 2].EndAsync(end));
                    Assert.False(await store.Stores[act.Pick % 2].EndAsync(end));
                    Interlocked.Increment(ref ended);
                    break;
                case "release" when Pick(claims, act.Pick) is { } contact:
                    await store.ReleaseAsync(contact);
                    break;
                case "upload":
                    await store.UploadAsync(ListMode.Replace, [.. Enumerable.Range(1 + (act.Pick % 4), 4)]);
                    break;
                case "add":
                    await store.UploadAsync(ListMode.Add, 1 + (act.Pick % 9));
                    break;
                case "newOwner":
                    var epoch = await store.TakeAsync(Dialer.Storage.Database.Owners.Campaign, StoreFixture.CampaignKey);
                    await store.Contacts.RecoverAsync(store.Campaign, epoch, TestContext.Current.CancellationToken);
                    store.Epoch = Math.Max(store.Epoch, epoch);
                    break;
                case "newTrunk":
                    store.TrunkEpoch = await store.TakeAsync(Dialer.Storage.Database.Owners.Trunk, StoreFixture.TrunkKey);
                    break;
            }
        }

        async Task CheckAsync()
        {
            await store.CountersAsync();
            Assert.Equal(running.Count, await store.AskAsync<long>("select count(*) from attempt where ended_at is null"));
            Assert.Equal(ended, await store.AskAsync<long>("select sum(attempts)::bigint from campaign_count"));
            Assert.Equal(0L, await store.AskAsync<long>(
                "select count(*) from (select from contact where state <> 4 group by person having count(*) > 1) twice"));
        }

        static T? Pick<T>(List<T> from, int pick)
        {
            lock (from)
            {
                if (from.Count == 0)
                    return default;
                var picked = from[pick % from.Count];
                from.RemoveAt(pick % from.Count);
                return picked;
            }
        }
    }
}
