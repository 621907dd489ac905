using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Orleans.Placement;

namespace Dialer.Grains.Operators;

/// <summary>
/// An operator queue: who waits, and whom it has rung for whom. Key: <c>tenant/extension</c>. Calls enter and leave; it tells them whom
/// to ring. Nothing survives a crash, its own or a call's, and needs to: calls that wait or talk say so every few seconds, and one that is silent is
/// forgotten, so that nobody's operator talks for ever to a call that is gone.
/// </summary>
[PreferLocalPlacement]
public sealed class OperatorQueueGrain(SiloPulse pulse, LiveFigures figures, TimeProvider time) : Grain, IOperatorQueueGrain
{
    // After a round in which nobody answered; a phone that rejects at once must not be rung in a tight loop.
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // Six times as long as calls take to say again that they are there, and longer than it takes to go on with one whose silo has died.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    // What a call says of who rings, and an order to ring, may cross.
    private static readonly TimeSpan Crossing = TimeSpan.FromSeconds(3);

    // Lost with the activation.
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly Dictionary<string, Talk> _talking = new(StringComparer.Ordinal);
    private int _roundRobin;
    private IGrainTimer? _timer;

    private sealed record Talk(string? Member, DateTimeOffset HeardAt);

    private sealed class Waiter(string call, OperatorQueue settings, DateTimeOffset since)
    {
        public string Call { get; } = call;
        public OperatorQueue Settings { get; set; } = settings;
        public DateTimeOffset Since { get; } = since;
        public DateTimeOffset HeardAt { get; set; } = since;

        /// <summary>Members that ring, and since when.</summary>
        public Dictionary<string, DateTimeOffset> Ringing { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Tried { get; } = new(StringComparer.Ordinal);
        public DateTimeOffset NotBefore { get; set; } = since;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        figures.Show(Figure.QueueCallers, this.GetPrimaryKeyString(), () => _waiting.Count);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        figures.Hide(Figure.QueueCallers, this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    /// <summary>A member's name, the same wherever it stands in the list.</summary>
    public static string NameOf(QueueMember member) =>
        member.Operator is { } phone ? $"operator:{phone}" : $"number:{member.Number}@{member.Trunk}";

    public Task Enter(string call, IReadOnlyList<string> ringing, OperatorQueue settings)
    {
        var now = time.GetUtcNow();
        if (Find(call) is not { } waiter)
            waiter = _waiting.AddLast(new Waiter(call, settings, now)).Value;
        (waiter.Settings, waiter.HeardAt) = (settings, now);
        foreach (var (member, since) in waiter.Ringing)
            if (now - since > Crossing && !ringing.Contains(member))
                waiter.Ringing.Remove(member);
        foreach (var member in ringing)
            waiter.Ringing.TryAdd(member, now);
        return Look();
    }

    public Task Connected(string call, string? member)
    {
        Remove(call);
        _talking[call] = new Talk(member ?? _talking.GetValueOrDefault(call)?.Member, time.GetUtcNow());
        return Look();
    }

    public Task NotTaken(string call, string member)
    {
        if (Find(call) is { } waiter && waiter.Ringing.Remove(member))
        {
            waiter.Tried.Add(member);
            return Look();
        }

        return Task.CompletedTask;
    }

    public Task Leave(string call)
    {
        Remove(call);
        _talking.Remove(call);
        return Look();
    }

    private Waiter? Find(string call) => _waiting.FirstOrDefault(w => w.Call == call);

    private void Remove(string call)
    {
        if (Find(call) is { } waiter)
            _waiting.Remove(waiter);
    }

    private async Task Look()
    {
        // After a sleep its calls may be waiting in another queue of this name.
        if (!await pulse.MayActAsync())
            return;
        var now = time.GetUtcNow();
        Forget(now);
        foreach (var waiter in _waiting.Where(w => now - w.Since >= w.Settings.MaxWait).ToList())
        {
            _waiting.Remove(waiter);
            await GrainFactory.GetGrain<ICallGrain>(waiter.Call).QueueTimedOut();
        }

        // The longest wait comes first; a member that rings or talks for one caller is not there for another.
        var taken = _waiting.SelectMany(w => w.Ringing.Keys).Concat(_talking.Values.Select(t => t.Member).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var waiter in _waiting.Where(w => w.NotBefore <= now))
        {
            var orders = NextMembers(waiter, taken);
            if (orders.Count == 0 && waiter.Ringing.Count == 0 && waiter.Tried.Count > 0)
            {
                waiter.Tried.Clear();
                waiter.NotBefore = now + BetweenRounds;
            }

            if (orders.Count == 0)
                continue;
            foreach (var order in orders)
                waiter.Ringing[order.Member] = now;
            taken.UnionWith(waiter.Ringing.Keys);
            await GrainFactory.GetGrain<ICallGrain>(waiter.Call).Ring(orders);
        }

        if (_waiting.Count == 0 && _talking.Count == 0)
        {
            _timer?.Dispose();
            _timer = null;
        }
        else
            _timer ??= this.RegisterGrainTimer(() => Look(), new GrainTimerCreationOptions(Tick, Tick) { KeepAlive = true });
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var waiter in _waiting.Where(w => now - w.HeardAt > Silence).ToList())
            _waiting.Remove(waiter);
        foreach (var (call, talk) in _talking)
            if (now - talk.HeardAt > Silence)
                _talking.Remove(call);
    }

    private List<RingOrder> NextMembers(Waiter waiter, HashSet<string> taken)
    {
        var settings = waiter.Settings;
        var all = settings.Members.Select(m => new RingOrder(NameOf(m), m, settings.RingTimeout)).ToList();
        bool Free(RingOrder order) => !taken.Contains(order.Member) && !waiter.Tried.Contains(order.Member);
        if (settings.Strategy == RingStrategy.RingAll)
            return [.. all.Where(Free)];
        if (waiter.Ringing.Count > 0)
            return [];
        if (settings.Strategy == RingStrategy.RoundRobin && all.Count > 0)
            all = [.. all.Skip(_roundRobin % all.Count), .. all.Take(_roundRobin % all.Count)];
        var next = all.FirstOrDefault(Free);
        if (next is null)
            return [];
        if (settings.Strategy == RingStrategy.RoundRobin)
            _roundRobin = settings.Members.ToList().FindIndex(m => NameOf(m) == next.Member) + 1;
        return [next];
    }
}
