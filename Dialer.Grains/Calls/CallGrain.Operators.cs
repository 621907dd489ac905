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
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    // Lost with the activation; reconciliation finds legs by their names.
    private readonly Dictionary<string, OperatorLegState> _legs = new(StringComparer.Ordinal);
    private string? _talkingLeg;
    private string? _operator;
    private bool _operatorRequested;
    private string _queueKey = "";
    private IGrainTimer? _reminder;
    private int _legCount;

    public Task Ring(IReadOnlyList<RingOrder> members)
    {
        if (_phase != Phase.Queued)
            return Task.CompletedTask;
        foreach (var order in members.Where(order => _legs.Values.All(leg => leg.Member != order.Member)))
        {
            var leg = new OperatorLegState(CallNames.Leg(Key, ++_legCount), order);
            _legs[leg.Id] = leg;
            // Also ends a leg that never gets a line.
            GiveLegUpAfter(order.Timeout + TimeSpan.FromSeconds(2), leg);
            // Beside each other and what else happens to the call: one trunk that does not answer must keep nobody waiting.
            RingLeg(leg).Ignore();
        }

        return Task.CompletedTask;
    }

    private async Task RingLeg(OperatorLegState leg)
    {
        try
        {
            if (leg.Order.Target.Operator is { } phone)
                await RingPhone(leg, phone);
            else
                await GrainFactory.GetGrain<ITrunkLines>(Keys.Of(_tenant, leg.Order.Target.Trunk!)).RequestOperatorLine(leg.Id, Key);
        }
        // The silo of the trunk or the tenant has just died: the others ring all the same, and this one when its turn comes again.
        catch (Exception e)
        {
            LogNotRung(leg.Id, e.Message);
            GiveLegUpAfter(TryAgain, leg);
        }
    }

    public async Task OperatorLine(string legId, string trunkKey, long epoch, string? callerId)
    {
        if (Waiting(legId) is { } leg)
            // Beside what else happens to the call: a database that hangs must not keep who picks up meanwhile from being heard.
            UseLine(leg, trunkKey, epoch, callerId).Ignore();
        else
            await GrainFactory.GetGrain<ITrunkLines>(trunkKey).Release(legId, LineReturn.Unused);
    }

    private OperatorLegState? Waiting(string legId) => _phase == Phase.Queued ? _legs.GetValueOrDefault(legId) : null;

    private async Task UseLine(OperatorLegState leg, string trunkKey, long epoch, string? callerId)
    {
        if (!await lines.TakeAsync(new OperatorLeg(leg.Id, Key, trunkKey, _node), epoch))
        {
            if (Waiting(leg.Id) is not null)
                await NotTaken(leg);
        }
        else if (Waiting(leg.Id) is null)
            await lines.GiveBackAsync(leg.Id);
        else
        {
            leg.TrunkKey = trunkKey;
            await PlaceLeg(leg, PjsipObjects.DialTrunk(trunkKey, leg.Order.Target.Number!), callerId);
        }
    }

    public async Task QueueTimedOut()
    {
        if (_phase != Phase.Queued)
            return;
        // From here on whoever still answers comes too late.
        _phase = Phase.Walking;
        var step = Step;
        await LetLegsGo();
        await Ask(node => node.HoldMusic(_channel, on: false));
        await Next(step);
    }

    private async Task EnterQueue(OperatorQueue queue)
    {
        _phase = Phase.Queued;
        (_heard, _operatorRequested) = (true, true);
        _queueKey = Keys.Of(_tenant, _step);
        Node.HoldMusic(_channel, on: true).Ignore();
        Write();
        KeepTellingQueue();
        await Remind();
    }

    // A queue knows its calls by heart only: one that was lost, or could not be told, learns of them by this.
    private void KeepTellingQueue() =>
        _reminder ??= this.RegisterGrainTimer(Remind, new GrainTimerCreationOptions(RemindQueue, RemindQueue) { KeepAlive = true });

    private Task Remind() => (_phase, Step) switch
    {
        (Phase.Queued, OperatorQueue queue) => TellQueue(known => known.Enter(Key, [.. _legs.Values.Select(leg => leg.Member)], queue)),
        (Phase.Talking, _) when _queueKey.Length > 0 => TellQueue(known => known.Connected(Key, TalkingMember)),
        _ => Task.CompletedTask,
    };

    // Of a talk that was taken over its row tells the operator, but not by which trunk.
    private string? TalkingMember =>
        _talkingLeg is { } id && _legs.TryGetValue(id, out var leg) ? leg.Member
        : Step is OperatorQueue queue && queue.Members.FirstOrDefault(m => (m.Operator ?? m.Number) == _operator) is { } member ? OperatorQueueGrain.NameOf(member)
        : null;

    // What it does not hear it finds out: who waits or talks is said again, and who is rung is given up.
    private async Task TellQueue(Func<IOperatorQueueGrain, Task> tell)
    {
        // Others go on with the calls of a silo that has slept, and have told it.
        if (!await pulse.MayActAsync())
            return;
        try
        {
            await MovingGrain.TellAsync(_ => tell(GrainFactory.GetGrain<IOperatorQueueGrain>(_queueKey)), time);
        }
        catch (Exception e) when (GrainCalls.WentUnanswered(e))
        {
            LogQueueNotTold(Key, e.Message);
        }
    }

    private async Task RingPhone(OperatorLegState leg, string phone)
    {
        var sipUser = await GrainFactory.GetGrain<ITenantParts>(_tenant).SipUser(phone);
        // The caller may have hung up meanwhile.
        if (Waiting(leg.Id) is null)
            return;
        if (sipUser is not null)
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
        // Let go while it was being placed, when there was nothing yet to hang up.
        else if (leg.Id != _talkingLeg && Waiting(leg.Id) is null)
            await Ask(node => node.Hangup(leg.Id));
    }

    private async Task LegHappened(CallEvent happened)
    {
        if (!_legs.TryGetValue(happened.Source, out var leg))
        {
            if (happened.Kind == CallEventKind.Destroyed)
                await LegOfPredecessorGone(happened.Source);
            // Let go already, or rung by a predecessor: whoever picked up must not listen to silence.
            else if (happened.Kind == CallEventKind.Entered && !await IsTalkedTo(happened.Source))
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
        await Ask(node => node.HoldMusic(_channel, on: false));
        await Join(leg.Id);
        if (_phase != Phase.Talking)
            return;
        Write();
        foreach (var other in _legs.Values.Where(l => l != leg).ToList())
            await LetLegGo(other);
        await TellQueue(queue => queue.Connected(Key, leg.Member));
    }

    // Nobody may be left in silence: asked until the node has done it, or one of them is gone.
    private async Task Join(string leg)
    {
        if (_phase != Phase.Talking || leg != _talkingLeg)
            return;
        switch (await Ask(node => node.Connect(CallNames.Bridge(Key), [_channel, leg])))
        {
            // The leg of a predecessor, which may have had others: the next look tells.
            case NodeAnswer.Refused or NodeAnswer.Gone when !_legs.ContainsKey(leg):
                (_talkingLeg, _unseen) = (null, true);
                break;
            case NodeAnswer.Refused or NodeAnswer.Gone:
                await HangUp();
                break;
            case NodeAnswer.Unknown or NodeAnswer.NotSent:
                StartTimer(TryAgain, () => Join(leg));
                break;
        }
    }

    private async Task LegGone(OperatorLegState leg)
    {
        if (!_legs.Remove(leg.Id))
            return;
        // Not waited for: the other side would hear silence for as long as the database is away.
        if (leg.TrunkKey is not null)
            lines.GiveBackAsync(leg.Id).Ignore();
        if (_phase == Phase.Talking && leg.Id == _talkingLeg)
            await TalkIsOver();
        else if (_phase == Phase.Queued)
            await NotTaken(leg);
    }

    // A leg that a lost activation of this call had placed: perhaps the one that talks, perhaps one that was let go.
    private async Task LegOfPredecessorGone(string id)
    {
        lines.GiveBackAsync(id).Ignore();
        if (_phase == Phase.Talking && (_talkingLeg == id || (_talkingLeg is null && !await IsTalkedTo(other: null))))
            await TalkIsOver();
    }

    /// <summary>
    /// Whether the caller talks to that leg, or, with null, to anybody. Of a talk that was taken over the room itself tells; where it can't be
    /// asked nothing is taken apart, and the next look tells.
    /// </summary>
    private async Task<bool> IsTalkedTo(string? other)
    {
        // Taken over, and its node was not looked at yet: a talk is written a moment after it has begun.
        if (_unseen && _phase == Phase.Walking && other is not null)
        {
            if (await Room() is not { } room)
                return true;
            if (room.Contains(other))
                FoundTalkingTo(other);
        }

        if (_phase == Phase.Talking && _talkingLeg is null)
        {
            if (await Room() is not { } present)
                return _unseen = true;
            if (present.FirstOrDefault(channel => channel != _channel) is { } found)
            {
                _talkingLeg = found;
            }
            // Who has just picked up, or is told of once more: the predecessor wrote of them, and could not connect them.
            else if (other is not null)
            {
                FoundTalkingTo(other);
                await Join(other);
            }
            // They were never connected, or the predecessor has taken the room away: the next look tells.
            else if (!present.Contains(_channel))
            {
                return _unseen = true;
            }
        }

        return _phase == Phase.Talking && _talkingLeg is { } leg && (other is null || other == leg);
    }

    private async Task TalkIsOver()
    {
        await Node.Disconnect(CallNames.Bridge(Key));
        await HangUp();
    }

    private Task NotTaken(OperatorLegState leg)
    {
        _legs.Remove(leg.Id);
        return TellQueue(queue => queue.NotTaken(Key, leg.Member));
    }

    private void GiveLegUpAfter(TimeSpan wait, OperatorLegState leg) =>
        this.RegisterGrainTimer(() => GiveLegUp(leg), new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan));

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
            await Ask(node => node.Hangup(leg.Id));
        // No event will tell that it is gone, and a member that seems to ring is rung no more.
        else if (_legs.Remove(leg.Id) && leg.Order.Target.Trunk is { } trunk)
            await GrainFactory.GetGrain<ITrunkLines>(Keys.Of(_tenant, trunk)).Release(leg.Id, LineReturn.Unused);
    }

    /// <summary>Nobody's hang-up leaves a channel behind: every leg, the bridge, and the place in the queue.</summary>
    private async Task LetLegsGo()
    {
        // Side by side: a queue or a trunk that does not answer keeps no operator's phone ringing. One that could not be rung may be crossed out meanwhile.
        List<Task> all = [.. _legs.Values.ToList().Select(LetLegGo)];
        if (_talkingLeg is not null || (_operator is not null && _order is not null))
            all.Add(Node.Disconnect(CallNames.Bridge(Key)));
        if (_queueKey.Length > 0)
            all.Add(TellQueue(queue => queue.Leave(Key)));
        await Task.WhenAll(all);
    }

    /// <summary>Those whose hang-up was lost: at each look. False where it does not tell enough, and another one is needed.</summary>
    private async Task<bool> ReconcileLegs(CallRemains remains, DateTimeOffset asked)
    {
        foreach (var leg in _legs.Values.Where(l => l.PlacedAt < asked && !remains.Channels.ContainsKey(l.Id)).ToList())
            await LegGone(leg);
        return _phase != Phase.Talking || (_talkingLeg is { } id && (_legs.ContainsKey(id) || remains.Channels.ContainsKey(id))) || await FindOperator(remains, asked);
    }

    // Of a talk that was taken over: the room tells as it is now, since the look may be from before it began.
    private async Task<bool> FindOperator(CallRemains remains, DateTimeOffset asked)
    {
        if (await Room() is not { } room)
            return false;
        var found = room.Where(channel => channel != _channel).ToList();
        // Their connection was not sent, or not answered, and the predecessor has not tried again.
        if (found is [])
            found = [.. remains.Channels.Where(channel => channel.Key != _channel && channel.Value).Select(channel => channel.Key)];
        if (found is [var leg, ..])
        {
            FoundTalkingTo(leg);
            if (!room.Contains(leg) || !room.Contains(_channel))
                await Join(leg);
            return _talkingLeg is not null;
        }

        if (asked <= _hereSince)
            return false;
        await TalkIsOver();
        return true;
    }

    /// <summary>Who is in the room where it talks; null where its node can't be asked.</summary>
    private Task<IReadOnlyList<string>?> Room() => Ask<IReadOnlyList<string>?>(node => node.InBridge(CallNames.Bridge(Key)), null);

    // What a gap of events, or a lost activation, keeps us from knowing.
    private async Task FindLegs(CallRemains remains)
    {
        // Somebody picked up while nobody listened to the node.
        if (_phase == Phase.Queued && _legs.Values.FirstOrDefault(l => remains.Channels.GetValueOrDefault(l.Id)) is { } answered)
            await LegAnswered(answered);
        // Of a talk that was taken over the other channel may be the operator's.
        if (_phase != Phase.Talking || _talkingLeg is not null)
            await HangUpStrays(remains, _legs.Keys);
    }

    // All but the caller, whoever talks to it, and these.
    private async Task HangUpStrays(CallRemains remains, IReadOnlyCollection<string> rung)
    {
        foreach (var stray in remains.Channels.Keys.Where(c => c != _channel && c != _talkingLeg && !rung.Contains(c)))
            await Node.Hangup(stray);
    }
}
