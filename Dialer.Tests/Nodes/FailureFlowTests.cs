using System.Globalization;
using System.Reflection;
using Dialer.Grains.Calls;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Nodes;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.TestingHost;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Sockets, events, grains and whole Asterisks are lost in the middle of calls: nobody is called twice, nobody is forgotten.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class FailureFlowTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_call_goes_on_after_the_socket_broke_during_a_playback()
    {
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        // Lost before it was answered for, it would be said again.
        await _world.PassUntilAsync(async () => await StepAsync() == "100@1", "a playback that is written");
        _world.Asterisk.DropSocket();
        // Its end is one of the events that nobody hears.
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the next step");
        await _world.PassAsync(TimeSpan.FromSeconds(10));
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[1].PlaybackId);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        Assert.Single(_world.Asterisk.Originates);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task What_perhaps_nobody_heard_is_said_at_the_next_look_at_a_node_that_was_never_away()
    {
        var asked = LeaveFirstPlayUnanswered();
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting", TimeSpan.FromSeconds(15));
        Assert.Equal(2, asked());
    }

    [Fact]
    public async Task What_perhaps_nobody_heard_is_said_by_whoever_goes_on_with_the_call()
    {
        var asked = LeaveFirstPlayUnanswered();
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(async () => await StepAsync() == "100@-1", "a step that is written, and was not said");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId));
        Assert.Equal(1, asked());
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting", TimeSpan.FromSeconds(15));
        await _world.PassUntilAsync(async () => await StepAsync() == "100@2", "a step that was said");
    }

    /// <summary>Gives how often a node was asked to play something.</summary>
    private Func<int> LeaveFirstPlayUnanswered()
    {
        var asked = 0;
        _world.Around = call => call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Play) && Interlocked.Increment(ref asked) == 1
            ? throw new TimeoutException("Nobody answered.")
            : call.Invoke();
        return () => asked;
    }

    [Fact]
    public async Task Who_heard_not_one_word_was_not_reached()
    {
        _world.Around = call =>
        {
            if (call.InterfaceMethod.Name != nameof(IAsteriskNodeGrain.Play))
                return call.Invoke();
            call.Response = Response.FromResult(NodeAnswer.NotSent);
            return Task.CompletedTask;
        };
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(5)));
        await _world.CallOneAsync(CallWorld.Debts with { MinimumDuration = TimeSpan.FromSeconds(3) });
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
    }

    [Fact]
    public async Task A_key_that_comes_when_the_plan_is_over_rings_nobody()
    {
        // What the hang-up leads to is among the events that are lost.
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().NeverReports());
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        var call = _world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId);
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 0, "a call that was hung up");
        await call.Happened([new CallEvent(CallEventKind.Key, call.GetPrimaryKeyString(), _world.Clock.GetUtcNow(), "1")]);
        await _world.VerdictsAsync(1);
        Assert.Single(_world.Asterisk.Originates);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Nobody_is_left_in_silence_where_clips_can_not_be_kept()
    {
        await _world.MoveInAsync(5, 1000, ("100", new SayText { Text = "[% VAR:BALANCE %] rub", Type = SayType.Money }));
        _world.BreakMediaFolders();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna," + CallWorld.Person);
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
        Assert.Empty(_world.Asterisk.Plays);
    }

    [Fact]
    public async Task Who_picks_up_while_nobody_listens_hears_the_plan_as_soon_as_somebody_does()
    {
        await PickUpInGapAsync();
        Assert.False(Assert.Single(_world.Asterisk.Channels).InStasis);
        Assert.Empty(_world.Asterisk.Plays);
        _world.Asterisk.RefuseConnections = false;
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        Assert.Single(_world.Asterisk.Originates);
    }

    [Fact]
    public async Task A_node_that_could_not_say_whether_who_picks_up_waits_there_is_asked_again()
    {
        var asked = 0;
        _world.Asterisk.Intercept = request => request.Segments is ["asterisk", "variable"] && asked++ == 0 ? FakeReply.Message(500, "Not now") : null;
        _world.Asterisk.DropSocket();
        await ReconnectedAsync(2);
        await PickUpInGapAsync();
        Assert.Single(_world.Asterisk.Channels);
        _world.Asterisk.RefuseConnections = false;
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        Assert.Single(_world.Asterisk.Originates);
    }

    [Fact]
    public async Task Who_picks_up_while_nobody_listens_to_a_node_with_another_dial_plan_is_called_again()
    {
        _world.Asterisk.LetsAnsweredWait = false;
        // It is asked at each connect.
        _world.Asterisk.DropSocket();
        await ReconnectedAsync(2);
        await PickUpInGapAsync();
        Assert.Empty(_world.Asterisk.Channels);
        _world.Asterisk.RefuseConnections = false;
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a second call");
    }

    private async Task PickUpInGapAsync()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers(TimeSpan.FromSeconds(20));
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Channels is [{ State: "Ringing" }], "a phone that rings");
        _world.Asterisk.RefuseConnections = true;
        _world.Asterisk.DropSocket();
        _world.Asterisk.Answer(_world.Asterisk.Channels[0].Id);
        await _world.PassAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_call_whose_grain_is_lost_goes_on_with_its_step_though_no_event_comes()
    {
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        var call = _world.Asterisk.Originates[0].ChannelId;
        await _world.PassUntilAsync(async () => await StepAsync() == "100@1", "a step that is written");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        // The clock of the silo before was ahead: what is decided after it counts as later all the same.
        await _world.DoAsync("update attempt set decided_at = decided_at + interval '1 hour'");
        // The event finds a grain that knows nothing but what is written.
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the next step");
        Assert.Contains("p2", _world.Asterisk.Plays[1].PlaybackId, StringComparison.Ordinal);

        // The time for input is a timer, and lost with the grain: the sweep finds it out.
        await _world.PassUntilAsync(async () => await StepAsync() == "200@2", "a step that is written");
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[1].PlaybackId);
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_call_whose_plan_is_over_is_hung_up_though_the_first_request_to_was_not_sent()
    {
        var refused = 0;
        _world.Around = call =>
        {
            if (call.InterfaceMethod.Name != nameof(IAsteriskNodeGrain.Hangup) || Interlocked.Increment(ref refused) > 2)
                return call.Invoke();
            call.Response = Response.FromResult(refused == 1 ? NodeAnswer.NotSent : NodeAnswer.Unknown);
            return Task.CompletedTask;
        };
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => refused >= 3, "a third request", TimeSpan.FromSeconds(8));
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public void A_call_does_not_wait_for_a_node_for_as_long_as_for_other_grains() => Assert.DoesNotContain(
        typeof(IAsteriskNodeGrain).GetMethods().Where(m => m.ReturnType == typeof(Task<NodeAnswer>) || m.ReturnType == typeof(Task<bool>)),
        m => m.Name != nameof(IAsteriskNodeGrain.IsRegistered) && m.GetCustomAttribute<ResponseTimeoutAttribute>() is null);

    [Fact]
    public async Task A_key_is_written_before_whoever_brought_it_is_answered()
    {
        var written = new List<string?>();
        _world.Around = async call =>
        {
            await call.Invoke();
            if (CallWorld.Tells(call, e => e.Kind == CallEventKind.Key))
                written.Add(await _world.AskAsync<string>("select concat(keys, ' ', step) from attempt"));
        };
        await AnswerMenuAsync();
        _world.Asterisk.Dtmf(_world.Asterisk.Originates[0].ChannelId, '7');
        await CallWorld.SeeAsync(() => written.Count == 1, "a key that leads nowhere");
        _world.Asterisk.Dtmf(_world.Asterisk.Originates[0].ChannelId, '1');
        await CallWorld.SeeAsync(() => written.Count == 2, "a key");
        Assert.Equal(["7 100@1", "71 100*1@2"], written);
    }

    [Fact]
    public async Task A_key_that_the_predecessor_has_written_and_is_brought_again_leads_no_further()
    {
        await AnswerMenuAsync();
        var (id, pressed) = (_world.Asterisk.Originates[0].ChannelId, _world.Clock.GetUtcNow());
        _world.Asterisk.Dtmf(id, '1');
        await _world.PassUntilAsync(async () => await StepAsync() == "100*1@2", "the step behind the key");
        var call = _world.Grains.GetGrain<ICallGrain>(id);
        await _world.Cluster.DeactivateAsync(call);

        await call.Happened([new CallEvent(CallEventKind.Key, id, pressed, "1")]);
        Assert.Equal("1", await _world.AskAsync<string>("select keys from attempt"));
        Assert.Equal("100*1@2", await StepAsync());

        // Two keys of one moment would be one.
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        _world.Asterisk.Dtmf(id, '1');
        await _world.PassUntilAsync(async () => await _world.AskAsync<string>("select keys from attempt") != "1", "the next key");
        Assert.Equal(("11", "100*1*1@3"), (await _world.AskAsync<string>("select keys from attempt"), await StepAsync()));
    }

    [Fact]
    public async Task What_a_silo_that_slept_writes_of_a_call_that_others_go_on_with_comes_too_late()
    {
        await AnswerMenuAsync();
        var (id, slept) = (_world.Asterisk.Originates[0].ChannelId, _world.Clock.GetUtcNow());
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(id));
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        _world.Asterisk.DropSocket();
        await _world.PassUntilAsync(
            () => _world.AskAsync<bool>(string.Create(CultureInfo.InvariantCulture, $"select decided_at > '{slept:O}' from attempt")), "a call that others have");

        await using var sleeper = new AttemptStore(_world.Database);
        await sleeper.ProgressAsync(new AttemptProgress(await _world.Campaign().Number(), Guid.Parse(id), slept, null, "100*1@2", "1", null, false));

        Assert.Equal("100@1 ", await _world.AskAsync<string>("select concat(step, ' ', keys) from attempt"));
    }

    [Fact]
    public async Task A_playback_that_was_begun_and_not_yet_written_is_not_begun_twice()
    {
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(async () => await StepAsync() == "100@1", "a step that is written");
        var call = _world.Asterisk.Originates[0].ChannelId;
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(async () => await StepAsync() == "200@2", "the next step that is written");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.AskAsync<int>("with crash as (update attempt set step = '100@1' returning 1) select count(*)::int from crash");
        _world.Asterisk.DropSocket();
        await _world.PassUntilAsync(async () => await StepAsync() == "200@2", "a call that found its place");
        Assert.NotNull(_world.Asterisk.Channel(call));
        Assert.Equal(2, _world.Asterisk.Plays.Count);
        _world.Asterisk.Hangup(call);
        Assert.DoesNotContain(Verdict.Interrupted, await _world.VerdictsAsync(1));
    }

    [Fact]
    public async Task A_talk_goes_on_after_the_socket_broke_and_ends_with_either_side()
    {
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.PassUntilAsync(() => _world.Asterisk.Bridges is [var b] && _world.Asterisk.ChannelsIn(b)!.Count == 2, "a talk");
        await _world.PassUntilAsync(async () => await _world.AskAsync<long>("select count(operator) from attempt") == 1, "an operator that is written");
        _world.Asterisk.DropSocket();
        await ReconnectedAsync(2);
        await _world.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(2, _world.Asterisk.ChannelsIn(_world.Asterisk.Bridges[0])!.Count);
        _world.Asterisk.Hangup(_world.Asterisk.Originates[1].ChannelId);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_caller_who_hangs_up_after_the_grain_was_lost_does_not_leave_the_operator_in_silence()
    {
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.PassUntilAsync(async () => await _world.AskAsync<long>("select count(operator) from attempt") == 1, "an operator that is written");
        var (caller, phone) = (_world.Asterisk.Originates[0].ChannelId, _world.Asterisk.Originates[1].ChannelId);
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(caller));
        _world.Asterisk.Hangup(caller);
        // The clock stands still: no sweep comes by and hangs up what belongs to nobody.
        await Eventually.SeeAsync(
            () => _world.Asterisk.Channel(phone) is null ? _world : null, "a phone that is free again", TimeSpan.FromSeconds(20));
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_caller_in_the_queue_is_still_served_after_the_queue_was_lost()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer(), Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(12)));
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a phone that rings");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<Dialer.Grains.Operators.IOperatorQueueGrain>("example/100*1"));
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
        Assert.Equal("office", Assert.Single(await _world.AttemptsAsync()).Operator);
    }

    [Fact]
    public async Task A_restart_of_Asterisk_interrupts_its_calls_and_everything_is_pushed_again()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        await _world.Asterisk.StopAsync();
        await _world.Asterisk.StartAsync();
        // Calls are asked while trunks and phones are still being told.
        Assert.Equal([Verdict.Interrupted], await _world.VerdictsAsync(1));
        await _world.PassUntilAsync(() => IsThere("endpoint/" + CallWorld.MainEndpoint) && IsThere("auth/office"), "a node that was told of everything");
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        Assert.Equal([Verdict.Interrupted, Verdict.Success], await _world.VerdictsAsync(2));
        Assert.Equal(0, await _world.AskAsync<short>("select retries_used from contact"));
    }

    private bool IsThere(string setting) => _world.Asterisk.DynamicConfig.ContainsKey(setting);

    [Fact]
    public async Task A_call_that_had_listened_long_enough_when_Asterisk_died_is_a_success()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        await _world.PassAsync(TimeSpan.FromSeconds(15));
        await _world.Asterisk.StopAsync();
        await _world.Asterisk.StartAsync();
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
    }

    [Fact]
    public async Task A_hang_up_that_nobody_reports_is_found_by_the_sweep()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(25)).NeverReports());
        await _world.CallOneAsync(CallWorld.Debts);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        // It lasted at least until a sweep last saw it, and no longer than it did.
        var attempt = Assert.Single(await _world.AttemptsAsync());
        Assert.InRange(attempt.Duration!.Value, TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(26));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_time_until_a_hang_up_is_missed_does_not_count_as_listening()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(4)).NeverReports());
        await _world.CallOneAsync(CallWorld.Debts);
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
    }

    [Fact]
    public async Task The_time_in_which_a_line_was_silent_before_it_broke_does_not_count_as_listening()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(4)).NeverReports());
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        _world.Asterisk.LosesAnswer = _ => true;
        await _world.PassAsync(TimeSpan.FromSeconds(15));
        _world.Asterisk.LosesAnswer = _ => false;
        _world.Asterisk.DropSocket();
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
    }

    [Fact]
    public async Task What_was_lost_on_the_way_to_Asterisk_is_said_when_it_is_back()
    {
        var lost = false;
        _world.Asterisk.Intercept = request =>
        {
            if (lost || request is not { Method: "POST", Segments: ["channels", _, "play", ..] })
                return null;
            lost = true;
            _world.Asterisk.DropSocket();
            return new FakeReply(500);
        };
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "the greeting");
        Assert.True(lost);
        await _world.PassAsync(TimeSpan.FromSeconds(12));
        Assert.NotNull(_world.Asterisk.Channel(_world.Asterisk.Originates[0].ChannelId));
    }

    [Fact]
    public async Task An_originate_whose_answer_is_lost_is_not_placed_twice()
    {
        _world.Asterisk.LosesAnswer = request => request is { Method: "POST", Segments: ["channels", ..] } && request["endpoint"] is not null;
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers(TimeSpan.FromSeconds(30)).HangsUpAfter(TimeSpan.FromSeconds(11));
        await _world.CallOneAsync(CallWorld.Debts);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        Assert.Single(_world.Asterisk.Originates);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_call_whose_node_could_not_be_asked_is_closed_and_made_again()
    {
        var asked = 0;
        _world.Around = call => call.InterfaceMethod.DeclaringType == typeof(IAsteriskNodeGrain)
            && call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Originate) && Interlocked.Increment(ref asked) == 1
                ? throw new TimeoutException("No answer came.")
                : call.Invoke();
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        await _world.CallOneAsync(CallWorld.Debts);
        Assert.Equal([Verdict.Interrupted, Verdict.Success], await _world.VerdictsAsync(2));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_contact_whose_answer_is_lost_keeps_its_line_until_its_call_ends()
    {
        var lost = 0;
        _world.Around = async call =>
        {
            await call.Invoke();
            if (call.InterfaceMethod.DeclaringType == typeof(IContactGrain) && call.InterfaceMethod.Name == nameof(IContactGrain.Call)
                && Interlocked.Increment(ref lost) == 1)
                throw new TimeoutException("The answer was lost.");
        };
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(20));
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)] });
        await _world.UploadAsync("Anna," + CallWorld.Person, "Boris,79161110002");
        Assert.Equal([Verdict.Success, Verdict.Success], await _world.VerdictsAsync(2));
        Assert.Equal(1, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
        Assert.Equal(2, _world.Asterisk.Originates.Count);
    }

    [Fact]
    public async Task An_attempt_that_never_became_a_call_is_closed_and_its_contact_is_due_again()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await _world.UploadAsync("Anna," + CallWorld.Person);
        await _world.AskAsync<int>($"""
            with claimed as (update contact set state = 1, claim_epoch = 1 returning campaign, id),
            begun as (insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at)
                select campaign, '{Guid.CreateVersion7(_world.Clock.GetUtcNow())}', id, 0, 'Anna', '{CallWorld.Person}', 0, 'example/main', '{CallWorld.Node}', '{_world.Clock.GetUtcNow():O}' from claimed returning 1),
            counted as (update campaign_count set waiting = waiting - 1, calling = calling + 1 returning 1)
            select count(*)::int from begun
            """);
        Assert.Equal([Verdict.Interrupted], await _world.VerdictsAsync(1));
        Assert.Empty(_world.Asterisk.Originates);
        await _world.Campaign().Start();
        Assert.Equal([Verdict.Interrupted, Verdict.Success], await _world.VerdictsAsync(2));
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task Calls_go_on_and_new_ones_start_after_the_silo_of_their_campaign_was_killed()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(60));
        await _world.CallOneAsync(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)] }, CallWorld.TwoSteps);
        await _world.UploadAsync("debts", ListMode.Add, "Boris,79161110002");
        await _world.PassUntilAsync(async () => await StepAsync() == "100@1", "a step that is written");
        Assert.True(_world.Cluster.TryGetGrainContext(_world.Campaign().GetGrainId(), out var campaign));
        await _world.Cluster.KillSiloAsync(_world.Cluster.GetSiloForAddress(campaign!.Address.SiloAddress!)!, TestContext.Current.CancellationToken);
        await _world.NodesAreReadyAsync();
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count >= 2, "the next step");
        Assert.Equal([Verdict.Success, Verdict.Success], await _world.VerdictsAsync(2));
        Assert.Equal(2, _world.Asterisk.Originates.Count);
        Assert.Equal(1, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task A_call_whose_silo_died_while_that_of_its_node_lives_does_not_wait_for_the_next_sweep()
    {
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true, InputTimeout = TimeSpan.FromMinutes(2) }));
        await _world.PassUntilAsync(async () => await StepAsync() == "100@1", "a step that is written");
        var call = _world.Asterisk.Originates[0].ChannelId;
        var (here, other) = await AwayFromItsNodeAsync(call);
        // The end of the greeting is told there, and what follows is a timer.
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        var sweeps = Asked("bridges");
        await _world.PassUntilAsync(() => Asked("bridges") > sweeps, "a sweep");
        await _world.Cluster.KillSiloAsync(other, TestContext.Current.CancellationToken);
        var members = here.ServiceProvider.GetRequiredService<IClusterMembershipService>();
        await CallWorld.SeeAsync(() => members.CurrentSnapshot.GetSiloStatus(other.SiloAddress) == SiloStatus.Dead, "a silo that is declared dead");
        var before = Asked("playbacks");
        await _world.PassUntilAsync(() => Asked("playbacks") > before, "a look whether it still speaks", TimeSpan.FromSeconds(6));
    }

    /// <summary>Has the call's grain live on the silo that has not its node's.</summary>
    private async Task<(InProcessSiloHandle Here, InProcessSiloHandle Other)> AwayFromItsNodeAsync(string call)
    {
        var node = _world.Grains.GetGrain<IAsteriskNodeGrain>(CallWorld.Node);
        Assert.True(_world.Cluster.TryGetGrainContext(node.GetGrainId(), out var context));
        var here = _world.Cluster.GetSiloForAddress(context!.Address.SiloAddress!)!;
        var other = _world.Cluster.Silos.Single(silo => silo != here);
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await other.ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<ICallGrain>(call).Happened(
            [new CallEvent(CallEventKind.Dial, call, _world.Clock.GetUtcNow(), "RINGING")]);
        Assert.True(_world.Cluster.TryGetGrainContext(_world.Grains.GetGrain<ICallGrain>(call).GetGrainId(), out var away));
        Assert.Equal(other.SiloAddress, away!.Address.SiloAddress);
        return (here, other);
    }

    private int Asked(string what) => _world.Asterisk.Requests.Count(request => request.Method == "GET" && request.Segments[0] == what);

    private async Task AnswerMenuAsync()
    {
        await _world.CallOneAsync(
            CallWorld.Debts,
            ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", new Playback { Audio = "pay", WaitForInput = true }),
            ("100*1*1", new Playback { Audio = "greeting", WaitForInput = true }));
        await _world.PassUntilAsync(async () => await StepAsync() == "100@1", "a step that is written");
    }

    private async Task<string?> StepAsync() => await _world.AskAsync<string>("select coalesce(max(step), '') from attempt");

    private Task ReconnectedAsync(int sockets) =>
        _world.PassUntilAsync(() => _world.Asterisk.SocketsOpened >= sockets && _world.Asterisk.Applications.Count == 1, "a new socket");
}
