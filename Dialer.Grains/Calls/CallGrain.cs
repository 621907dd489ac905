using System.Globalization;
using System.Numerics;
using System.Text;
using Dialer.Ari;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Contacts;
using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Nodes;
using Dialer.Grains.Operators;
using Dialer.Grains.Reports;
using Dialer.Grains.Speech;
using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Dialer.Grains.Calls;

/// <summary>
/// One call: its channel, the walk through the dial plan, keys, the way to an operator, and exactly one report of its end. Key: the
/// attempt's id (which is also the channel's), or <c>node:channel</c> for a phone of the office that listens. A contact has it placed,
/// the node brings its events in order, its queue tells whom to ring. After a crash it knows nothing; the first event or the next
/// reconciliation has it read its attempt and go on with the step that is written there.
/// </summary>
[PreferLocalPlacement]
public sealed partial class CallGrain(
    AsteriskNodes nodes, AttemptStore attempts, OpenAttempts openAttempts, ContactStore contacts, OperatorLines lines, SampleContacts samples,
    CallSpeech speech, SiloPulse pulse, TimeProvider time, ILogger<CallGrain> logger)
    : Grain, ICallGrain
{
    // An order this old was overtaken: reconciliation may have closed its attempt (NodeReconciliation waits longer than this).
    private static readonly TimeSpan OrderIsStale = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookIsStale = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1.5);

    // An answering machine would listen to a plan that asks again and again for ever.
    private static readonly TimeSpan LongestWalk = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ReportAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HangUpAgain = TimeSpan.FromSeconds(1);

    private enum Phase { New, Placing, Dialing, Walking, Queued, Talking, Ended }

    // All of it is lost with the activation; what a successor needs is in the attempt's row.
    private Phase _phase;
    private CallOrder? _order;
    private string _node = "";
    private string _channel = "";
    private string _tenant = "";
    private CallScript? _script;
    private IReadOnlyDictionary<string, string> _variables = new Dictionary<string, string>();
    private string _step = "";
    private int _playback;
    private bool _playing;
    private bool _unsaid;
    // Some word of ours was heard, for all we know.
    private bool _heard;
    // Words were not sent, or not answered for: whoever then goes without having heard one does so since they waited for us.
    private bool _late;
    private bool _hungUp;
    private DateTimeOffset _placedAt;
    private DateTimeOffset? _answeredAt;
    // The furthest that was told of how it is dialled: «no answer» after ringing is another thing than silence from the gateway. Empty:
    // nothing yet. Null: nobody knows, since something may have been told while nobody listened.
    private string? _dialStatus;
    private (int? Cause, string? TechCause, DateTimeOffset At, bool WasUp)? _hangup;
    private DateTimeOffset _aliveAt;
    private DateTimeOffset _heardAt;
    private bool _failed;
    private DateTimeOffset? _missedAt;
    private readonly StringBuilder _keys = new();
    private IGrainTimer? _timer;
    private IGrainTimer? _report;
    private CallOutcome? _outcome;
    private int _reports;
    private Task _written = Task.CompletedTask;
    private DateTimeOffset _decidedAt;
    private DateTimeOffset? _takenOverAt;

    // Of a call that was taken over: when. A look from before that tells neither whether somebody has picked up since, nor that no operator has.
    // Null where a later one has told.
    private DateTimeOffset? _hereSince;
    private bool _unwritten;
    // Taken over by an event, and how its node has it not asked yet.
    private bool _unseen;
    // Something of it may have been lost, and what has become of it was not looked into yet.
    private bool _missedEvents;

    private string Key => this.GetPrimaryKeyString();

    private NodeRequests Node => new(nodes.Get(_node), pulse, time);

    private Extension? Step => _script?.Plan.Extensions.GetValueOrDefault(_step);

    /// <summary>A silo that stops: whoever goes on with the call reads its row, and nobody else knows of an end that was not stored.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _written;
        if (_report is not null)
            await Report();
    }

    public async Task Place(CallOrder order)
    {
        if (_phase != Phase.New)
            return;
        Take(order);
        _dialStatus = "";
        using var trace = StartTrace("place");
        if (time.GetUtcNow() - order.WrittenAt > OrderIsStale)
        {
            EndLater(CallEnding.Lost);
            return;
        }

        _phase = Phase.Placing;
        // Rendering waits for nobody while the phone rings, unless the engine fails: then no phone rings for what can't be said.
        if (speech.IsFailing && !await CanSpeak())
        {
            EndLater(CallEnding.Lost);
            return;
        }

        EnterStage("ringing");
        var answer = await Ask(node => node.Originate(new OriginateOrder(
            _channel, PjsipObjects.DialTrunk(order.TrunkKey, order.Number), order.CallerId, order.Script.RingTimeout, null, order.WrittenAt,
            order.Again)));
        _placedAt = time.GetUtcNow();
        switch (answer)
        {
            case NodeAnswer.Done:
                _phase = Phase.Dialing;
                // A step that is not ready when it is reached waits for it.
                PrepareWhileRinging().Ignore();
                break;
            case NodeAnswer.Unknown:
                // It may ring by now; the node's reconciliation tells.
                _phase = Phase.Dialing;
                break;
            case NodeAnswer.NotSent:
                EndLater(CallEnding.Lost);
                break;
            default:
                EndLater(CallEnding.OriginateRefused);
                break;
        }
    }

    private Task<NodeAnswer> Ask(Func<NodeRequests, Task<NodeAnswer>> request) => Ask(request, NodeAnswer.Unknown);

    private async Task<T> Ask<T>(Func<NodeRequests, Task<T>> request, T unknown)
    {
        try
        {
            return await request(Node);
        }
        // The node's silo died or hangs, or its grain moves for longer than anybody waits: it may ring, or be heard, by now. A call that
        // stayed «being placed» would be left alone by every reconciliation, and its contact never be called again.
        catch (Exception e)
        {
            DialerMetrics.GrainCallFailed("node");
            LogNotAnswered(Key, e.Message);
            return unknown;
        }
    }

    public async Task Listen(string node, string channel, string tenant, string extension)
    {
        if (_phase != Phase.New)
            return;
        (_node, _channel, _tenant, _phase) = (node, channel, tenant, Phase.Walking);
        var plan = await GrainFactory.GetGrain<IDialPlanGrain>(tenant).Snapshot();
        _script = new CallScript(plan, extension, TimeSpan.Zero, null);
        if (!plan.Extensions.ContainsKey(extension))
        {
            await Node.Hangup(channel);
            return;
        }

        _variables = await samples.VariablesAsync(tenant, extension, DialPlanRules.SpokenVariables(plan.Extensions, extension), CancellationToken.None);
        _answeredAt = time.GetUtcNow();
        // Gone again before we were here, and so is the event of it.
        if (await Node.Answer(channel) == NodeAnswer.Gone)
            await End(CallEnding.Lost, null, null, time.GetUtcNow());
        else
            await EnterStep(extension);
    }

    public async Task Happened(IReadOnlyList<CallEvent> events)
    {
        foreach (var happened in events)
            await Happened(happened);
        // Its end may wait behind them: what was looked at meanwhile does not tell that it was lost.
        _heardAt = time.GetUtcNow();
    }

    private async Task Happened(CallEvent happened)
    {
        DialerMetrics.EventArrived(happened, time.GetUtcNow());
        using var trace = StartTrace(happened);
        if (_phase == Phase.New)
        {
            if (!await Adopt())
            {
                // The last word of a leg whose call is over: its line must not stay taken. Any other news of it says that it is in use.
                if (happened.Kind == CallEventKind.Destroyed && happened.Source != Key)
                    await lines.GiveBackAsync(happened.Source);
                // The last word of a call that is over, one in a hundred: it need not stay awake for that.
                DeactivateOnIdle();
                return;
            }

            // Timers and what was just being played are lost with the predecessor, and no other event may come for long.
            // Whether who waited for an operator talks by now, and whether somebody picked up who is not written to have, is seen at the next look.
            if (_phase == Phase.Dialing || (_phase == Phase.Walking && Step is OperatorQueue))
                _unseen = true;
            else if (happened.Kind != CallEventKind.Destroyed && _phase == Phase.Walking)
                await ResumeStep();
        }

        if (happened.Source == _channel)
            await ChannelHappened(happened);
        else if (happened.Kind == CallEventKind.PlaybackFinished)
            await PlaybackFinished(happened);
        else
            await LegHappened(happened);
    }

    private async Task ChannelHappened(CallEvent happened)
    {
        _heardAt = time.GetUtcNow();
        if (happened.At > _aliveAt)
            _aliveAt = happened.At;
        if (happened.WasRinging)
            Dialled(DialStatuses.Ringing);
        switch (happened.Kind)
        {
            case CallEventKind.Dial:
                Dialled(happened.Text);
                break;
            case CallEventKind.Up:
                _answeredAt ??= happened.At;
                break;
            case CallEventKind.Entered when _phase is Phase.Placing or Phase.Dialing:
                _answeredAt ??= happened.At;
                await EnterStep(_script!.Entry);
                break;
            case CallEventKind.Key:
                await KeyPressed(happened.Text ?? "", happened.At);
                break;
            case CallEventKind.HangupRequested:
                _hangup = (happened.Cause, happened.TechCause, happened.At, happened.WasUp);
                break;
            case CallEventKind.Destroyed:
                // The request names the cause more exactly where both came.
                await End(HungUp(happened.WasUp), happened.Cause is > 0 ? happened.Cause : _hangup?.Cause, happened.TechCause ?? _hangup?.TechCause, happened.At);
                break;
        }
    }

    private void Dialled(string? status)
    {
        if (_dialStatus is not (DialStatuses.Ringing or DialStatuses.Progress) && status is { Length: > 0 })
            _dialStatus = status;
    }

    // Who picked up in a gap of events and is gone again was called, and nobody knows for how long.
    private CallEnding HungUp(bool wasUp) => wasUp && _answeredAt is null ? CallEnding.Lost : CallEnding.HungUp;

    private void Take(CallOrder order)
    {
        (_order, _node, _channel, _script, _variables) = (order, order.Node, Key, order.Script, order.Variables);
        _tenant = Keys.Split(order.CampaignKey).Tenant;
    }

    // ---- The end ----

    private void EndLater(CallEnding ending)
    {
        // The contact that placed this call waits for us: it can take no report before we return.
        Close(ending, null, null, time.GetUtcNow());
        _report = this.RegisterGrainTimer(() => Report(), new GrainTimerCreationOptions(TimeSpan.Zero, ReportAgain) { KeepAlive = true });
    }

    private async Task End(CallEnding ending, int? cause, string? techCause, DateTimeOffset at)
    {
        if (_phase == Phase.Ended)
            return;
        Close(ending, cause, techCause, at);
        try
        {
            await LetLegsGo();
        }
        // A node or queue that can't be asked must not keep the end from being told; what is left there, reconciliation takes away.
        catch (Exception e)
        {
            LogLegsLeft(Key, e.Message);
        }

        if (!await Report())
            _report = this.RegisterGrainTimer(() => Report(), new GrainTimerCreationOptions(ReportAgain, ReportAgain) { KeepAlive = true });
    }

    private void Close(CallEnding ending, int? cause, string? techCause, DateTimeOffset at)
    {
        _phase = Phase.Ended;
        EnterStage(null);
        StopTimer();
        _reminder?.Dispose();
        if (_order is not { } order)
            return;
        nodes.Left(_node);
        // Who has heard not one word, for all we know, was not reached, whatever it lasted. By our fault, or since they did not wait for it: then it
        // was a call of no length.
        var isUnheard = _unsaid && !_heard;
        var isOurs = _failed || (isUnheard && _late);
        _outcome = new CallOutcome(
            order.Attempt, order.CampaignKey, order.TrunkKey, order.NumberIndex, isOurs ? null : isUnheard ? at : _answeredAt, at, cause, techCause,
            _dialStatus, isOurs ? CallEnding.Lost : ending, _keys.Length > 0 ? _keys.ToString() : null, _operator, _operatorRequested);
    }

    private async Task<bool> Report()
    {
        try
        {
            if (_outcome is { } outcome && _order is { } order)
                await GrainFactory.GetGrain<IContactGrain>($"{order.Campaign}/{order.Contact}").Ended(outcome);
        }
        // A database that is away, or a silo that just died: the end is kept here and reported until it is stored.
        catch (Exception e)
        {
            DialerMetrics.GrainCallFailed("end");
            // Hundreds of calls try each second for as long as the database is away: that must not fill the disk.
            if (BitOperations.IsPow2(++_reports))
                LogNotReported(Key, e.Message);
            return false;
        }

        _report?.Dispose();
        _report = null;
        DeactivateOnIdle();
        return true;
    }

    // ---- What is written while it runs ----

    private void Write()
    {
        if (_order is not { } order)
            return;
        // Later than what the predecessor wrote, whose clock may have been a little ahead.
        _decidedAt = new[] { time.GetUtcNow(), _decidedAt.AddMicroseconds(1) }.Max();
        _written = WriteLogged(new AttemptProgress(
            order.Campaign, order.Attempt, _decidedAt, _answeredAt, WriteStep(), _keys.Length > 0 ? _keys.ToString() : null,
            _operator, _operatorRequested));
    }

    private async Task WriteLogged(AttemptProgress progress)
    {
        _unwritten = false;
        try
        {
            // Whoever took this call over while this silo slept writes its steps now.
            if (await pulse.MayActAsync())
                await attempts.ProgressAsync(progress);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            // Written again with the next step, or at the next look of the node: who goes on with the call must know of it.
            _unwritten = true;
            LogNotWritten(Key, e.Message);
        }
    }

    // With a minus, nobody has heard a word of it yet: who goes on with the call says it, and does not take it for said.
    private string WriteStep() => string.Create(CultureInfo.InvariantCulture, $"{_step}@{(_unsaid ? -_playback : _playback)}");

    private static (string Step, int Playback, bool Unsaid) ReadStep(string? written) =>
        written?.Split('@') is [var step, var playback] && int.TryParse(playback, CultureInfo.InvariantCulture, out var number) ? (step, Math.Abs(number), number < 0) : ("", 0, false);

    private void StartTimer(TimeSpan due, Func<Task> then)
    {
        StopTimer();
        IGrainTimer? mine = null;
        // By Orleans' code a turn that was due already when its timer was stopped, and waited behind a key, comes all the same.
        mine = _timer = this.RegisterGrainTimer(
            () => _timer == mine ? Traced("time is up", then) : Task.CompletedTask,
            new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan) { KeepAlive = true });
    }

    private void StopTimer()
    {
        _timer?.Dispose();
        _timer = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {Call} can't speak step {Step}: {Reason}")]
    private partial void LogNotSpoken(string call, string step, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {Call}: Asterisk could not play step {Step}")]
    private partial void LogNotPlayed(string call, string step);

    [LoggerMessage(Level = LogLevel.Information, Message = "Call {Call} goes on after its grain was lost ({Phase})")]
    private partial void LogAdopted(string call, string phase);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {Call} is over, and its legs and bridge could not be taken away: {Reason}")]
    private partial void LogLegsLeft(string call, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leg {Leg} was not rung and is tried again later: {Reason}")]
    private partial void LogNotRung(string leg, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {Call} could not tell its queue: {Reason}")]
    private partial void LogQueueNotTold(string call, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of call {Call} is not stored yet, trying again: {Reason}")]
    private partial void LogNotReported(string call, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {Call}: whether its node has done what it was asked is unknown: {Reason}")]
    private partial void LogNotAnswered(string call, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The progress of call {Call} was not stored: {Reason}")]
    private partial void LogNotWritten(string call, string reason);
}
