using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Nodes;
using Dialer.Grains.Operators;
using Dialer.Grains.Tenants;
using Dialer.Grains.Trunks;
using Dialer.Storage.Operators;

namespace Dialer.Grains.Calls;

/// <summary>The part of a call that waits for an operator and talks: its legs, their lines, and the bridge.</summary>
public sealed partial class CallGrain
{
    private static readonly TimeSpan RemindQueue = TimeSpan.FromSeconds(5);

    // Lost with the activation; reconciliation finds legs by their names.
    private readonly Dictionary<string, OperatorLegState> _legs = new(StringComparer.Ordinal);
    private string? _talkingLeg;
    private string? _operator;
    private bool _operatorRequested;
    private string _queueKey = "";
    private int _legCount;

    public async Task Ring(IReadOnlyList<RingOrder> members)
    {
        if (_phase != Phase.Queued)
            return;
        foreach (var order in members.Where(order => _legs.Values.All(leg => leg.Member != order.Member)))
        {
            var leg = new OperatorLegState(CallNames.Leg(Key, ++_legCount), order);
            _legs[leg.Id] = leg;
            if (order.Target.Operator is { } phone)
                await RingPhone(leg, phone);
            else
                await GrainFactory.GetGrain<ITrunkLines>(Keys.Of(_tenant, order.Target.Trunk!)).RequestOperatorLine(leg.Id, Key);
            // Also ends a leg that never gets a line.
            this.RegisterGrainTimer(
                () => GiveLegUp(leg), new GrainTimerCreationOptions(order.Timeout + TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan));
        }
    }

    public async Task OperatorLine(string legId, string trunkKey, long epoch, string? callerId)
    {
        var leg = _phase == Phase.Queued ? _legs.GetValueOrDefault(legId) : null;
        if (leg is null || !await StartLine(new OperatorLeg(legId, Key, trunkKey, _node), epoch))
        {
            await GrainFactory.GetGrain<ITrunkLines>(trunkKey).Release(legId, LineReturn.Unused);
            if (leg is null)
                return;
            // A trunk that has lost its place would grant in vain until a campaign tells it so, and this one may have none.
            await GrainFactory.GetGrain<ITrunkLines>(trunkKey).Recount(epoch);
            await NotTaken(leg);
            return;
        }

        leg.TrunkKey = trunkKey;
        await PlaceLeg(leg, PjsipObjects.DialTrunk(trunkKey, leg.Order.Target.Number!), callerId);
    }

    public async Task QueueTimedOut()
    {
        if (_phase != Phase.Queued)
            return;
        // From here on whoever still answers comes too late.
        _phase = Phase.Walking;
        var step = Step;
        await LetLegsGo();
        await Node.HoldMusic(_channel, on: false);
        await Next(step);
    }

    private async Task EnterQueue(OperatorQueue queue)
    {
        _phase = Phase.Queued;
        _operatorRequested = true;
        _queueKey = Keys.Of(_tenant, _step);
        Node.HoldMusic(_channel, on: true).Ignore();
        await GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey).Enter(Key, queue);
        Write(answered: true);
        // A queue knows its callers by heart only: one that was lost learns of them again.
        _timer = this.RegisterGrainTimer(() => Remind(queue), new GrainTimerCreationOptions(RemindQueue, RemindQueue) { KeepAlive = true });
    }

    private Task Remind(OperatorQueue queue) =>
        _phase == Phase.Queued ? GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey).Enter(Key, queue) : Task.CompletedTask;

    private async Task RingPhone(OperatorLegState leg, string phone)
    {
        if (await GrainFactory.GetGrain<ITenantParts>(_tenant).SipUser(phone) is { } sipUser)
            await PlaceLeg(leg, PjsipObjects.DialPhone(sipUser), _order?.Number);
        else
            await NotTaken(leg);
    }

    private async Task PlaceLeg(OperatorLegState leg, string endpoint, string? callerId)
    {
        leg.Placed = true;
        var answer = await Ask(node => node.Originate(new OriginateOrder(leg.Id, endpoint, callerId, leg.Order.Timeout, _channel, time.GetUtcNow())));
        leg.PlacedAt = time.GetUtcNow();
        if (answer is not (NodeAnswer.Done or NodeAnswer.Unknown))
            await LegGone(leg);
    }

    private async Task LegHappened(CallEvent happened)
    {
        if (!_legs.TryGetValue(happened.Source, out var leg))
        {
            if (happened.Kind == CallEventKind.Destroyed)
                await LegOfPredecessorGone(happened.Source);
            else if (happened.Kind == CallEventKind.Entered)
                // Let go already, or rung by a predecessor: whoever picked up must not listen to silence.
                await Node.Hangup(happened.Source);
        }
        else if (happened.Kind == CallEventKind.Entered)
            await LegAnswered(leg);
        else if (happened.Kind == CallEventKind.Destroyed)
            await LegGone(leg);
    }

    private async Task LegAnswered(OperatorLegState leg)
    {
        // Told twice: this one is the operator who talks.
        if (leg.Id == _talkingLeg)
            return;
        if (_phase != Phase.Queued)
        {
            await Node.Hangup(leg.Id);
            return;
        }

        _phase = Phase.Talking;
        EnterStage("talk");
        StopTimer();
        _talkingLeg = leg.Id;
        _operator = leg.Order.Target.Operator ?? leg.Order.Target.Number;
        foreach (var other in _legs.Values.Where(l => l != leg).ToList())
            await LetLegGo(other);
        await Node.HoldMusic(_channel, on: false);
        if (await Node.Connect(CallNames.Bridge(Key), [_channel, leg.Id]) is NodeAnswer.Refused or NodeAnswer.Gone)
            await HangUp();
        await GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey).Connected(Key, leg.Member);
        Write();
    }

    private async Task LegGone(OperatorLegState leg)
    {
        if (!_legs.Remove(leg.Id))
            return;
        if (leg.TrunkKey is not null)
            await CloseLine(leg.Id);
        if (_phase == Phase.Talking && leg.Id == _talkingLeg)
            await TalkIsOver();
        else if (_phase == Phase.Queued)
            await GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey).NotTaken(Key, leg.Member);
    }

    // A leg that a lost activation of this call had placed; while we talk there is but that one.
    private async Task LegOfPredecessorGone(string id)
    {
        await CloseLine(id);
        if (_phase == Phase.Talking && _talkingLeg is null)
            await TalkIsOver();
    }

    private async Task TalkIsOver()
    {
        await Node.Disconnect(CallNames.Bridge(Key));
        await HangUp();
    }

    private Task NotTaken(OperatorLegState leg)
    {
        _legs.Remove(leg.Id);
        return GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey).NotTaken(Key, leg.Member);
    }

    private async Task GiveLegUp(OperatorLegState leg)
    {
        if (_phase != Phase.Queued || !_legs.ContainsKey(leg.Id))
            return;
        await LetLegGo(leg);
        if (!leg.Placed)
            await NotTaken(leg);
    }

    private async Task LetLegGo(OperatorLegState leg)
    {
        if (leg.Placed)
            await Node.Hangup(leg.Id);
        else if (leg.Order.Target.Trunk is { } trunk)
            await GrainFactory.GetGrain<ITrunkLines>(Keys.Of(_tenant, trunk)).Release(leg.Id, LineReturn.Unused);
    }

    /// <summary>Nobody's hang-up leaves a channel behind: every leg, the bridge, and the place in the queue.</summary>
    private async Task LetLegsGo()
    {
        if (_queueKey.Length > 0)
            await GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey).Leave(Key);
        foreach (var leg in _legs.Values)
            await LetLegGo(leg);
        if (_talkingLeg is not null || (_operator is not null && _order is not null))
            await Node.Disconnect(CallNames.Bridge(Key));
    }

    private async Task ReconcileLegs(CallRemains remains, DateTimeOffset asked)
    {
        foreach (var leg in _legs.Values.Where(l => l.Placed && l.PlacedAt < asked && !remains.Channels.ContainsKey(l.Id)).ToList())
            await LegGone(leg);
        // Somebody picked up while nobody listened to the node.
        if (_phase == Phase.Queued && _legs.Values.FirstOrDefault(l => remains.Channels.GetValueOrDefault(l.Id)) is { } answered)
            await LegAnswered(answered);
        var others = remains.Channels.Keys.Where(c => c != _channel && !_legs.ContainsKey(c)).ToList();
        if (_phase == Phase.Talking && _talkingLeg is null)
        {
            // We took the call over while it talked: the one other channel is the operator's, and without it the talk is over.
            if (others.Count == 0)
                await TalkIsOver();
        }
        else
            foreach (var stray in others)
                await Node.Hangup(stray);
    }

    private async Task HangUpStrays(CallRemains remains)
    {
        foreach (var stray in remains.Channels.Keys.Where(c => c != _channel))
            await Node.Hangup(stray);
    }

    private async Task<bool> StartLine(OperatorLeg leg, long epoch)
    {
        try
        {
            return await legStore.StartAsync(leg, epoch, time.GetUtcNow(), CancellationToken.None);
        }
        // A line that can't be written can't be used; if it was written after all, the node's sweep finds no channel and closes it.
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogNotWritten(Key, e.Message);
            return false;
        }
    }

    private async Task CloseLine(string legId)
    {
        try
        {
            if (await legStore.EndAsync(legId, time.GetUtcNow(), CancellationToken.None) is { } trunk)
                await GrainFactory.GetGrain<ITrunkLines>(trunk).Release(legId, LineReturn.Unused);
        }
        // Neither the caller nor the queue waits for a database that is away: the node's sweep closes what has no channel.
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogNotWritten(Key, e.Message);
        }
    }
}
