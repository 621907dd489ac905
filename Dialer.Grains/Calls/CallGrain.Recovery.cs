using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Storage.Calls;

namespace Dialer.Grains.Calls;

/// <summary>The part of a call that finds its way again after a gap: lost events, a lost socket, or a lost activation.</summary>
public sealed partial class CallGrain
{
    public async Task<bool> Reconcile(OpenAttempt attempt, CallRemains? remains, DateTimeOffset asked, bool afterGap, DateTimeOffset? lastSeen)
    {
        _missedEvents |= afterGap;
        // What a silo that has slept saw before is of another time: others have placed calls since.
        if (_phase == Phase.Ended || time.GetUtcNow() - asked > LookIsStale || (remains is null && attempt.StartedAt > asked))
            return false;
        var isNew = _phase == Phase.New;
        // Its order may be on the way here still, or its last event; not where it was answered, and what came then is lost in the gap. That
        // one is closed at once: after the next gap nobody would know how little of it was seen.
        if (isNew && remains is null && !(afterGap && attempt.AnsweredAt is not null)
            && time.GetUtcNow() - attempt.StartedAt <= OrderIsStale + TimeSpan.FromSeconds(5))
            return false;
        // Read again: it may have ended, and this grain have forgotten it, since the node looked.
        if (isNew && !await Adopt(attempt.Campaign))
        {
            DeactivateOnIdle();
            return false;
        }

        _unseen |= isNew;
        if (afterGap && _dialStatus is "")
            _dialStatus = null;
        if (_unwritten)
            Write();
        // Placed, or heard of, after the node had been asked: hundreds of calls are asked after a gap, and this one's turn came late.
        if (remains is null && (_phase == Phase.Placing || _placedAt > asked || _heardAt > asked))
            return false;
        if (remains is null)
        {
            // Its last event may be on its way: once is chance, unless nobody was there to send it to. One that was placed only just now
            // was placed after the node had been looked at.
            var isFresh = _answeredAt is null && time.GetUtcNow() - _placedAt < OrderIsStale;
            _missedAt ??= asked;
            if (!isNew && asked - _missedAt < BetweenLooks && (!afterGap || isFresh))
                return false;
            if (_hangup is { } hangup)
                await End(HungUp(hangup.WasUp), hangup.Cause, hangup.TechCause, hangup.At);
            else
                // When it ended nobody has told: what is not known of it does not count as listening.
                await End(CallEnding.Lost, null, null, new[] { _answeredAt ?? attempt.StartedAt, _aliveAt, lastSeen ?? default }.Max());
            return false;
        }

        _missedAt = null;
        // Not now: the way from the node to here may have led over a silo that died.
        if (asked > _aliveAt)
            _aliveAt = asked;
        if (!await ReconcileLegs(remains, asked))
            return _unseen = true;
        _missedEvents |= _phase == Phase.Dialing && _hereSince is not null;
        if ((!_missedEvents && !_unseen) || _phase == Phase.Ended)
            return false;
        var isUnseen = _unseen;
        (_missedEvents, _unseen) = (false, false);
        try
        {
            await GoOn(remains, isUnseen);
        }
        catch
        {
            (_missedEvents, _unseen) = (true, isUnseen);
            throw;
        }

        if (_phase != Phase.Dialing || asked > _hereSince)
            _hereSince = null;
        return _hereSince is not null || _unseen;
    }

    /// <summary>Does what the lost events would have led to.</summary>
    /// <param name="isUnseen">Nobody knows what it was doing.</param>
    private async Task GoOn(CallRemains remains, bool isUnseen)
    {
        if (isUnseen && _phase == Phase.Walking && !await FindTalk(remains))
            _unseen = true;
        else if (_phase is Phase.Dialing && remains.Channels.GetValueOrDefault(_channel))
        {
            _answeredAt ??= time.GetUtcNow();
            await EnterStep(_script!.Entry);
        }
        else if (_phase == Phase.Walking)
            await ResumeStep();
        else
            await FindLegs(remains);
    }

    // That somebody talks is written a moment after they are connected, or later where the database was away: the room itself tells, and not
    // as it was when the node was looked at, since the predecessor lived for a while yet. False where it can't be asked.
    private async Task<bool> FindTalk(CallRemains remains)
    {
        if (remains.Bridge || Step is OperatorQueue)
        {
            if (await Room() is not { } room)
                return false;
            if (room.Where(channel => channel != _channel).ToList() is [var leg])
            {
                FoundTalkingTo(leg);
                await Join(leg);
            }
        }

        await HangUpStrays(remains, []);
        return true;
    }

    private void FoundTalkingTo(string leg)
    {
        (_phase, _talkingLeg, _heard) = (Phase.Talking, leg, true);
        StopTimer();
        KeepTellingQueue();
    }

    private async Task ResumeStep()
    {
        if (Step is OperatorQueue || _step.Length == 0)
        {
            await EnterStep(_step.Length == 0 ? _script!.Entry : _step);
            return;
        }

        // Heard to its end, and what comes then comes with the timer.
        if (!_playing && !_unsaid && _timer is not null)
            return;
        var plays = await Ask<bool?>(node => node.IsPlaying(CallNames.Playback(Key, _playback)), null);
        if (plays is false && _unsaid)
        {
            await EnterStep(_step);
            return;
        }

        _playing = true;
        switch (plays)
        {
            case true:
                Said();
                break;
            case false:
                await PlaybackFinished(new CallEvent(CallEventKind.PlaybackFinished, CallNames.Playback(Key, _playback), time.GetUtcNow(), "done"));
                break;
            case null:
                StartTimer(TryAgain, ResumeStep);
                break;
        }
    }

    private async Task<bool> Adopt(int? campaign = null)
    {
        if (!CallNames.IsAttempt(Key) || await openAttempts.ReadAsync(Guid.Parse(Key), campaign, CancellationToken.None) is not { } attempt)
            return false;
        await Adopt(attempt);
        return true;
    }

    private async Task Adopt(OpenAttempt attempt)
    {
        var script = await GrainFactory.GetGrain<ICampaignLines>(attempt.CampaignKey).Script();
        var contact = await contacts.ReadAsync(attempt.Campaign, attempt.Contact, CancellationToken.None);
        Take(new CallOrder(
            attempt.Id, attempt.Campaign, attempt.CampaignKey, attempt.Contact, attempt.Number, attempt.NumberIndex, attempt.TrunkKey,
            attempt.Node, null, contact?.ReadVariables() ?? new Dictionary<string, string>(),
            script ?? new CallScript(new DialPlanSnapshot(0, "ru-RU", new Dictionary<string, Extension>(), new Dictionary<string, string>()), "", TimeSpan.Zero, null),
            attempt.StartedAt));
        _answeredAt = attempt.AnsweredAt;
        _decidedAt = attempt.DecidedAt ?? default;
        _takenOverAt = attempt.DecidedAt;
        _keys.Append(attempt.Keys);
        _operatorRequested = attempt.OperatorRequested;
        _operator = attempt.Operator;
        // Above every number that the predecessor can have given: a leg of its own must not be taken for one of ours.
        _legCount = 100 * (int)(time.GetUtcNow() - attempt.StartedAt).TotalSeconds;
        (_step, _playback, _unsaid) = ReadStep(attempt.Step);
        _late = _unsaid;
        _heard = _step.Length > 0 && (!_unsaid || _step != _script?.Entry);
        _phase = attempt switch { { Operator: not null } => Phase.Talking, { AnsweredAt: not null } => Phase.Walking, _ => Phase.Dialing };
        if (Step is OperatorQueue)
            _queueKey = Keys.Of(_tenant, _step);
        if (_phase == Phase.Talking)
            KeepTellingQueue();
        _hereSince = time.GetUtcNow();
        EnterStage(_phase == Phase.Dialing ? "ringing" : "taken over");
        LogAdopted(Key, _phase.ToString());
        // What the predecessor was about to write when its silo fell asleep comes too late from here on.
        if (_phase != Phase.Dialing)
            Write();
    }
}
