using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Nodes;
using Dialer.Grains.Speech;

namespace Dialer.Grains.Calls;

/// <summary>The part of a call that walks through the dial plan: what is played, keys, and where they lead.</summary>
public sealed partial class CallGrain
{
    // For so long whoever brings a key waits for it to be written.
    private static readonly TimeSpan KeyPatience = TimeSpan.FromSeconds(0.1);

    // A telephone plays what it has received a moment later, and throws the rest away when it is hung up on: the end of the last word would be missing.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(0.3);

    private async Task EnterStep(string number)
    {
        (_phase, _step, _playing, _unsaid) = (Phase.Walking, number, false, false);
        StopTimer();
        var step = Step;
        if (step is null || time.GetUtcNow() - (_answeredAt ?? time.GetUtcNow()) > LongestWalk)
        {
            await HangUp();
            return;
        }

        EnterStage(step is OperatorQueue ? "queue" : "step", number);
        if (step is OperatorQueue queue)
            await EnterQueue(queue);
        else
            await PlayStep(step);
    }

    private async Task PlayStep(Extension step)
    {
        IReadOnlyList<string> media;
        try
        {
            media = await speech.OfStepAsync(_script!.Plan, step, _variables, CancellationToken.None);
        }
        // Whatever it is, also a database or a folder that was to keep, or bring, a clip: nobody must be left listening to silence.
        catch (Exception e)
        {
            LogNotSpoken(Key, _step, e.Message);
            await Fail();
            return;
        }

        _playback++;
        var answer = await Ask(node => node.Play(_channel, CallNames.Playback(Key, _playback), media));
        _playing = answer is not (NodeAnswer.NotSent or NodeAnswer.Refused);
        _heard |= answer == NodeAnswer.Done;
        // Whoever hung up while the words were still being made has heard none, either.
        _unsaid = answer is NodeAnswer.NotSent or NodeAnswer.Unknown or NodeAnswer.Gone;
        // Nobody has heard a word of it, or perhaps nobody has: said a moment later, unless it plays.
        if (answer is NodeAnswer.NotSent or NodeAnswer.Unknown)
        {
            _late = true;
            StartTimer(TryAgain, ResumeStep);
        }

        // Written beside the audio, not before it: a person waits.
        Write();
        if (answer == NodeAnswer.Refused)
            await Fail();
    }

    private void Said()
    {
        _heard = true;
        if (!_unsaid)
            return;
        _unsaid = false;
        Write();
    }

    private async Task PlaybackFinished(CallEvent happened)
    {
        if (!_playing || _phase != Phase.Walking || happened.Source != CallNames.Playback(Key, _playback))
            return;
        _playing = false;
        Said();
        // A playback that somebody's hang-up cuts short is reported as failed, too.
        if (_hangup is not null)
            return;
        if (happened.Text == "failed")
        {
            LogNotPlayed(Key, _step);
            await Fail();
        }
        else if (Step is Playback { WaitForInput: true } playback)
            StartTimer(playback.InputTimeout, () => Next(Step));
        else if (Step is { GoTo: null })
            StartTimer(LastWord, HangUp);
        else
            await Next(Step);
    }

    private async Task PrepareWhileRinging()
    {
        // Nobody must pick up and listen to silence.
        if (!await CanSpeak() && _phase == Phase.Dialing)
            await Fail();
    }

    /// <summary>Makes everything that the call may say. False where the engine fails; a text of this contact that can't be said is found at its step.</summary>
    private async Task<bool> CanSpeak()
    {
        try
        {
            await speech.PrepareAsync(_script!.Plan, _script.Entry, _variables, CancellationToken.None);
        }
        catch (SpeechEngineException e) when (speech.IsFailing)
        {
            LogNotSpoken(Key, _script!.Entry, e.Message);
            return false;
        }
        // The step that needs it tries again, and fails if it has to.
        catch (Exception e)
        {
            LogNotSpoken(Key, _script!.Entry, e.Message);
        }

        return true;
    }

    private Task Next(Extension? step) => step?.GoTo is { } next ? EnterStep(next) : HangUp();

    private async Task KeyPressed(string key, DateTimeOffset at)
    {
        // On its way while the node was asked: who is gone must not have an operator's phone ring. And what the predecessor has written of, and not
        // answered for, comes once more.
        if (_hungUp || (at <= _takenOverAt && _keys.Length > 0 && _keys[^1] == key.FirstOrDefault()))
            return;
        if (_keys.Length < 64)
            _keys.Append(key);
        if (_phase != Phase.Walking || Step is not Playback { WaitForInput: true }
            || DialPlanRules.KeyTarget(_script!.Plan.Extensions, _step, key) is not { } target)
        {
            Write();
        }
        else
        {
            if (_playing)
                Node.StopPlaying(CallNames.Playback(Key, _playback)).Ignore();
            await EnterStep(target);
        }

        // Who brought it brings it to the successor, too, where this silo dies before it is written. For the longest hang of a database nobody waits.
        await _written.WaitAsync(KeyPatience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task HangUp()
    {
        StopTimer();
        var answer = await Ask(node => node.Hangup(_channel));
        // No look at the node asks after a phone of the office, which has no attempt: where its end was lost, nobody else tells.
        if (answer == NodeAnswer.Gone && _order is null)
        {
            await End(CallEnding.Lost, null, null, time.GetUtcNow());
            return;
        }

        _hungUp = answer is NodeAnswer.Done or NodeAnswer.Refused;
        // Nobody else ends a call whose plan is over.
        if (!_hungUp && _phase != Phase.Ended)
            StartTimer(HangUpAgain, HangUp);
    }

    // Something of ours keeps this call from going on: it must not count, whatever it lasted.
    private Task Fail()
    {
        _failed = true;
        return HangUp();
    }
}
