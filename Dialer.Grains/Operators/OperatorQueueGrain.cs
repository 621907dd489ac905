using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Reports;
using Orleans.Placement;

namespace Dialer.Grains.Operators;

/// <summary>
/// An operator queue: who waits, and whom it has rung for whom. Key: <c>tenant/extension</c>. Calls enter and leave; it tells them whom
/// to ring. Nothing survives a crash: calls that go on afterwards enter again.
/// </summary>
[PreferLocalPlacement]
public sealed class OperatorQueueGrain(LiveFigures figures, TimeProvider time) : Grain, IOperatorQueueGrain
{
    // After a round in which nobody answered; a phone that rejects at once must not be rung in a tight loop.
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // Lost with the activation.
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly Dictionary<string, string> _talking = new(StringComparer.Ordinal);
    private int _roundRobin;
    private IGrainTimer? _timer;

    private sealed class Waiter(string call, OperatorQueue settings, DateTimeOffset since)
    {
        public string Call { get; } = call;
        public OperatorQueue Settings { get; set; } = settings;
        public DateTimeOffset Since { get; } = since;
        public HashSet<string> Ringing { get; } = new(StringComparer.Ordinal);
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

    public Task Enter(string call, OperatorQueue settings)
    {
        if (Find(call) is { } known)
            known.Settings = settings;
        else
            _waiting.AddLast(new Waiter(call, settings, time.GetUtcNow()));
        _timer ??= this.RegisterGrainTimer(() => Look(), new GrainTimerCreationOptions(Tick, Tick) { KeepAlive = true });
        return Look();
    }

    public Task Connected(string call, string member)
    {
        Remove(call);
        _talking[call] = member;
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
        var now = time.GetUtcNow();
        foreach (var waiter in _waiting.Where(w => now - w.Since >= w.Settings.MaxWait).ToList())
        {
            _waiting.Remove(waiter);
            await GrainFactory.GetGrain<ICallGrain>(waiter.Call).QueueTimedOut();
        }

        // The longest wait comes first; a member that rings or talks for one caller is not there for another.
        var taken = _waiting.SelectMany(w => w.Ringing).Concat(_talking.Values).ToHashSet(StringComparer.Ordinal);
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
            waiter.Ringing.UnionWith(orders.Select(o => o.Member));
            taken.UnionWith(waiter.Ringing);
            await GrainFactory.GetGrain<ICallGrain>(waiter.Call).Ring(orders);
        }

        if (_waiting.Count == 0 && _talking.Count == 0)
        {
            _timer?.Dispose();
            _timer = null;
        }
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

    private static string NameOf(QueueMember member) =>
        member.Operator is { } phone ? $"operator:{phone}" : $"number:{member.Number}@{member.Trunk}";
}
