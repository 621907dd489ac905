using Dialer.Grains.Trunks;
using Dialer.Storage.Contacts;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Operators;
using Dialer.Tests.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>
/// One trunk and two campaigns over a real database: the real bookkeeping, rules and SQL, with plain objects in the place of grains and
/// lists in the place of what is on its way between them, so that each message can come late, twice or never. What the grains do around
/// those parts is written down here in short; this file has the trunk and its operators.
/// </summary>
public sealed partial class PermitWorld : IAsyncDisposable
{
    private readonly StoreFixture _store;
    private readonly OperatorLegs _legs;
    private readonly int _lines;
    private readonly Campaign[] _campaigns;
    private readonly Lock _lock = new();

    // The last one is who messages reach; the others have lost their place, and do not know it.
    private readonly List<Trunk> _trunks = [];

    // On their way.
    private readonly List<Permit> _permits = [];
    private readonly List<(string Leg, long Epoch)> _legPermits = [];
    private readonly List<(string Id, LineReturn How)> _releases = [];

    // What the network has: each takes a line for as long as it is here.
    private readonly Dictionary<Guid, Call> _channels = [];
    private readonly HashSet<string> _legChannels = [];

    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);

    private DateTimeOffset _now = StoreFixture.Now;
    private long _trunkEpoch;
    private int _legsWanted;
    private bool _cutting;

    private PermitWorld(StoreFixture store, int lines, Campaign[] campaigns) =>
        (_store, _legs, _lines, _campaigns) = (store, new OperatorLegs(store.Database), lines, campaigns);

    /// <summary>A line that was granted and not used yet.</summary>
    private sealed record Permit(Guid Id, Campaign Campaign, long Epoch);

    /// <summary>An activation of the trunk.</summary>
    private sealed class Trunk : IDisposable
    {
        public TrunkLines Lines { get; } = new();

        public TrunkPause Pause { get; } = new();

        /// <summary>0 while it does not know.</summary>
        public long Epoch { get; set; }

        /// <summary>One turn at a time, as in a grain.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        public void Dispose() => Turn.Dispose();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What happened, and how often.</summary>
    public IReadOnlyDictionary<string, int> Seen => _seen;

    public static async Task<PermitWorld> CreateAsync(PrivatePostgres postgres, int lines, params int[] shares)
    {
        var store = await StoreFixture.CreateAsync(postgres);
        var lists = new[] { store.Lists, await store.Lists.BesideAsync("water") };
        var world = new PermitWorld(store, lines, [.. lists.Zip(shares, (list, share) => new Campaign(list, share))]);
        foreach (var campaign in world._campaigns)
        {
            await StoreFixture.UploadAsync(campaign.Lists, ListMode.Replace, 1, 2, 3, 4, 5, 6);
            await world.CampaignWakes(campaign, Fault.None);
        }

        await world.TrunkWakes(Fault.None);
        return world;
    }

    /// <summary>Does these at the same time, and returns when all are done.</summary>
    public async Task DoAsync(IReadOnlyList<Act> acts)
    {
        _now = _now.AddSeconds(acts[0].Pick % 10);
        var gate = acts.Count > 1 && acts[0].Gate.Length > 0 ? acts[0].Gate : null;
        // An upload that is broken off is another test's subject.
        _cutting = gate is not null && acts.Any(a => a.What == "cut") && !acts.Any(a => a.What is "replaceList" or "addToList");
        var running = new List<Task>();
        if (gate is null)
            running.AddRange(acts.Select(DoAsync));
        else
            await using (var closed = await StatementGate.CloseAsync(_store.Database, gate))
            {
                foreach (var act in acts)
                    running.Add(await closed.StartAsync(() => DoAsync(act)));
                if (_cutting)
                    await closed.CutAsync();
            }

        await Task.WhenAll(running);
    }

    public async ValueTask DisposeAsync()
    {
        _trunks.ForEach(t => t.Dispose());
        await _store.DisposeAsync();
    }

    private Task DoAsync(Act act) => act.What switch
    {
        "pump" => Pump(PickOf(_campaigns, act), act),
        "claim" => Claim(OwnerOf(act), act),
        "want" => Want(PickOf(_campaigns, act)),
        "match" => Match(act),
        "start" => Start(act),
        "giveUpOrder" => GiveUpOrder(act),
        "hangUp" => HangUp(act),
        "end" => End(act),
        "release" => Release(act),
        "operatorWants" => InTurn(_trunks[^1], trunk => trunk.Lines.RequestForOperator($"leg{Interlocked.Increment(ref _legsWanted)}", "call")),
        "ring" => Ring(act),
        "operatorHangsUp" => OperatorHangsUp(act),
        "tick" => Tick(OwnerOf(act), act.Fault),
        "giveBack" => GiveBack(OwnerOf(act), act.Fault),
        "grantIsLost" => GrantIsLost(act),
        "reconcile" => Reconcile(act),
        "timePasses" => Task.FromResult(_now = _now.AddMinutes(1 + (act.Pick % 40))),
        "replaceList" => StoreFixture.UploadAsync(PickOf(_campaigns, act).Lists, ListMode.Replace, [.. Enumerable.Range(1 + (act.Pick % 5), 5)]),
        "addToList" => StoreFixture.UploadAsync(PickOf(_campaigns, act).Lists, ListMode.Add, 1 + (act.Pick % 12)),
        "trunkWakes" => TrunkWakes(act.Fault),
        "deadTrunkWakes" => TrunkWakes(act.Fault, whereItIsDead: true),
        "trunkCountsAgain" => Count(TrunkOf(act), act.Fault),
        "oldTrunkGrants" => InTurn(PickOf(_trunks, act), _ => { }),
        "campaignWakes" => CampaignWakes(PickOf(_campaigns, act), act.Fault),
        "deadCampaignWakes" => CampaignWakes(PickOf(_campaigns, act), act.Fault, whereItIsDead: true),
        "cut" => Task.CompletedTask,
        _ => throw new ArgumentException($"Nothing happens by the name «{act.What}».", nameof(act)),
    };

    // Mostly the one in place; now and then one that has lost it.
    private Trunk TrunkOf(Act act) => act.Pick % 5 == 0 ? PickOf(_trunks, act.Pick / 5) : _trunks[^1];

    // ---- The trunk, as TrunkGrain ----

    private async Task TrunkWakes(Fault fault, bool whereItIsDead = false)
    {
        var trunk = new Trunk();
        await Count(trunk, fault);
        lock (_lock)
            _trunks.Insert(_trunks.Count - (whereItIsDead ? 1 : 0), trunk);
    }

    private async Task Count(Trunk trunk, Fault fault)
    {
        await trunk.Turn.WaitAsync(Ct);
        try
        {
            trunk.Epoch = 0;
            var (answered, epoch) = await TellAsync(
                fault, () => TrunkCount.TakeAsync(trunk.Lines, StoreFixture.TrunkKey, "example-silo", _store.Owners, _store.Open, _now, Ct));
            if (!answered)
                return;
            trunk.Epoch = epoch;
            lock (_lock)
                _trunkEpoch = Math.Max(_trunkEpoch, epoch);
            GrantFree(trunk);
        }
        finally
        {
            trunk.Turn.Release();
        }
    }

    private Task Recount(long fencedEpoch) => _trunks[^1].Epoch == fencedEpoch ? Count(_trunks[^1], Fault.None) : Task.CompletedTask;

    private async Task InTurn(Trunk trunk, Action<Trunk> what)
    {
        await trunk.Turn.WaitAsync(Ct);
        try
        {
            what(trunk);
            GrantFree(trunk);
        }
        finally
        {
            trunk.Turn.Release();
        }
    }

    private void GrantFree(Trunk trunk)
    {
        if (trunk.Epoch == 0 || trunk.Pause.Until > _now)
            return;
        lock (_lock)
            while (true)
                if (trunk.Lines.GrantToOperator(_lines, _now) is { } leg)
                    _legPermits.Add((leg.Leg, trunk.Epoch));
                else if (trunk.Lines.GrantToCampaign(_lines, _now) is { } line)
                    _permits.Add(new Permit(line.Permit, _campaigns.Single(c => c.Key == line.Campaign), trunk.Epoch));
                else
                    return;
    }

    private Task Want(Campaign campaign) => InTurn(
        _trunks[^1], trunk => trunk.Lines.Request(new LineRequest(campaign.Key, campaign.Share, 0, campaign.Owners[^1].Buffer.Count)));

    private Task Release(Act act)
    {
        if (!TryTake(_releases, act, out var release, keep: act.Pick % 3 == 0))
            return Task.CompletedTask;
        return InTurn(TrunkOf(act), trunk =>
        {
            trunk.Pause.Note(release.How, _now);
            trunk.Lines.Release(release.Id);
        });
    }

    // ---- Operators' mobiles, as CallGrain has them called ----

    private async Task Ring(Act act)
    {
        if (!TryTake(_legPermits, act, out var permit))
            return;
        var known = _trunkEpoch;
        var leg = new OperatorLeg(permit.Leg, "call", StoreFixture.TrunkKey, StoreFixture.Node);
        var (answered, written) = await TellAsync(act.Fault, async () =>
        {
            var started = await _legs.StartAsync(leg, permit.Epoch, _now, Ct);
            See(started ? "operator rung" : "operator refused");
            Assert.False(started && permit.Epoch < known, "An operator's call was let through under an old epoch of its trunk.");
            return started;
        });
        lock (_lock)
            if (written)
                _legChannels.Add(permit.Leg);
            else
                _releases.Add((permit.Leg, LineReturn.Unused));
        // Whoever does not know takes it that it was, and ends it.
        if (!answered)
            await _legs.EndAsync(permit.Leg, _now, Ct);
        if (!written)
            await Recount(permit.Epoch);
    }

    private async Task OperatorHangsUp(Act act)
    {
        string? leg;
        lock (_lock)
        {
            leg = PickOrNone([.. _legChannels.Order(StringComparer.Ordinal)], act.Pick);
            if (leg is null)
                return;
            _legChannels.Remove(leg);
        }

        await _legs.EndAsync(leg, _now, Ct);
        lock (_lock)
            _releases.Add((leg, LineReturn.Carried));
    }

    // ---- Chance ----

    private async Task<(bool Answered, T? Answer)> TellAsync<T>(Fault fault, Func<Task<T>> statement)
    {
        if (fault == Fault.NotSent)
            return default;
        try
        {
            var answer = await statement();
            if (fault == Fault.None)
                return (true, answer);
            See("answer lost");
        }
        catch (NpgsqlException) when (_cutting)
        {
            See("statement cut off");
        }

        return default;
    }

    private void See(string what)
    {
        lock (_lock)
            _seen[what] = _seen.GetValueOrDefault(what) + 1;
    }

    private bool TryTake<T>(List<T> from, Act act, out T taken, bool keep = false)
    {
        lock (_lock)
        {
            taken = from.Count > 0 ? from[act.Pick % from.Count] : default!;
            if (from.Count == 0)
                return false;
            if (!keep)
                from.RemoveAt(act.Pick % from.Count);
            return true;
        }
    }

    private static T PickOf<T>(IReadOnlyList<T> from, Act act) => PickOf(from, act.Pick);

    private static T PickOf<T>(IReadOnlyList<T> from, int pick) => from[pick % from.Count];

    private static T? PickOrNone<T>(IReadOnlyList<T> from, int pick) => from.Count > 0 ? from[pick % from.Count] : default;
}
