using System.Text.Json.Nodes;
using Dialer.Grains.Calls;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Storage.Contacts;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>What is told late, twice, out of order or after the end, and looks at a node that are older than what is known: nothing is taken back.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class LateNewsTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(true, Verdict.Interrupted)]
    [InlineData(false, Verdict.NoAnswer)]
    public async Task Who_picked_up_unnoticed_and_whose_end_is_lost_did_not_leave_a_ringing_phone_alone(bool wasUp, Verdict verdict)
    {
        var call = await RingingAsync();
        await _world.Grains.GetGrain<ICallGrain>(call).Happened([
            new CallEvent(CallEventKind.HangupRequested, call, _world.Clock.GetUtcNow(), Cause: 16, WasUp: wasUp)]);
        _world.Asterisk.LoseChannel(call);
        Assert.Equal(verdict, (await _world.VerdictsAsync(1))[0]);
    }

    [Theory]
    [InlineData(true, Verdict.Interrupted)]
    [InlineData(false, Verdict.NoAnswer)]
    public async Task Who_picked_up_unnoticed_and_is_gone_did_not_leave_a_ringing_phone_alone(bool wasUp, Verdict verdict)
    {
        var call = await RingingAsync();
        await _world.Grains.GetGrain<ICallGrain>(call).Happened([
            new CallEvent(CallEventKind.Destroyed, call, _world.Clock.GetUtcNow(), Cause: 16, WasUp: wasUp)]);
        Assert.Equal(verdict, (await _world.VerdictsAsync(1))[0]);
    }

    [Theory]
    // Nothing was lost: the gateway is silent.
    [InlineData(false, false, false, Verdict.TrunkDown)]
    [InlineData(true, false, false, Verdict.NoAnswer)]
    [InlineData(false, true, false, Verdict.NoAnswer)]
    [InlineData(false, false, true, Verdict.NoAnswer)]
    public async Task A_phone_that_may_have_rung_while_nobody_listened_is_no_silent_gateway(bool lost, bool gap, bool rang, Verdict verdict)
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Unreachable());
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a call");
        var key = _world.Asterisk.Originates[0].ChannelId;
        var call = _world.Grains.GetGrain<ICallGrain>(key);
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        if (lost)
            await _world.Cluster.DeactivateAsync(call);
        if (gap)
            await call.Reconcile(await _world.OpenAttemptAsync(key), Remains(key, isUp: false), _world.Clock.GetUtcNow(), afterGap: true, lastSeen: null);
        await call.Happened([new CallEvent(CallEventKind.Destroyed, key, _world.Clock.GetUtcNow(), Cause: 19, TechCause: "480", WasRinging: rang)]);
        Assert.Equal(verdict, (await _world.VerdictsAsync(1))[0]);
    }

    [Fact]
    public async Task A_call_that_was_asked_too_late_after_a_gap_makes_up_for_it_at_the_next_look()
    {
        // The end of the greeting is lost in the gap.
        _world.Around = call => CallWorld.Tells(call, e => e.Kind == CallEventKind.PlaybackFinished) ? Task.CompletedTask : call.Invoke();
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        var key = _world.Asterisk.Originates[0].ChannelId;
        await _world.AnswerIsWrittenAsync();
        var (call, attempt) = (_world.Grains.GetGrain<ICallGrain>(key), await _world.OpenAttemptAsync(key));
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        await call.Reconcile(attempt, Remains(key), _world.Clock.GetUtcNow().AddSeconds(-16), afterGap: true, lastSeen: null);
        Assert.Single(_world.Asterisk.Plays);
        await call.Reconcile(attempt, Remains(key), _world.Clock.GetUtcNow(), afterGap: false, lastSeen: null);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the next step");
    }

    [Fact]
    public async Task Who_picked_up_between_a_look_and_the_takeover_that_it_led_to_is_spoken_to_after_the_next_look()
    {
        // The silo that heard of it died before it was written; and the node's own looks do not come in between.
        DateTimeOffset? onlyLook = null;
        _world.Around = call =>
        {
            if (CallWorld.IsOtherLook(call, onlyLook))
                throw new SiloUnavailableException("Not now.");
            return CallWorld.Tells(call, e => e.Kind is CallEventKind.Up or CallEventKind.Entered) ? Task.CompletedTask : call.Invoke();
        };
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers(TimeSpan.FromSeconds(3)));
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a phone that rings");
        var (key, looked) = (_world.Asterisk.Originates[0].ChannelId, _world.Clock.GetUtcNow());
        await _world.PassAsync(TimeSpan.FromSeconds(4));
        var (call, attempt) = (_world.Grains.GetGrain<ICallGrain>(key), await _world.OpenAttemptAsync(key));
        Assert.Null(attempt.AnsweredAt);
        onlyLook = looked;
        await _world.Cluster.DeactivateAsync(call);

        Assert.True(await call.Reconcile(attempt, Remains(key, isUp: false), looked, afterGap: true, lastSeen: null));
        Assert.Empty(_world.Asterisk.Plays);
        onlyLook = null;
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting", TimeSpan.FromSeconds(12));

        // And once that is known there is no more to ask for.
        Assert.False(await call.Reconcile(await _world.OpenAttemptAsync(key), Remains(key), _world.Clock.GetUtcNow(), afterGap: false, lastSeen: null));
        Assert.Single(_world.Asterisk.Plays);
    }

    private static CallRemains Remains(string call, bool isUp = true) => new(new Dictionary<string, bool> { [call] = isUp }, false);

    /// <summary>The channel of a call that rings for longer than anything here takes.</summary>
    private async Task<string> RingingAsync()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers(TimeSpan.FromSeconds(40)));
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a phone that rings");
        return _world.Asterisk.Originates[0].ChannelId;
    }

    [Fact]
    public async Task The_last_word_of_a_call_that_is_over_keeps_nothing_awake()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Busy());
        await _world.CallOneAsync(CallWorld.Debts with { Retries = 0 });
        await _world.VerdictsAsync(1);
        var call = _world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId);
        await call.Happened([new CallEvent(CallEventKind.Dial, call.GetPrimaryKeyString(), _world.Clock.GetUtcNow(), "BUSY")]);
        await _world.IsGoneAsync(call);
    }

    [Fact]
    public async Task An_old_look_at_a_node_does_not_make_a_call_last_longer()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(4)).NeverReports());
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        var (call, seen) = (_world.Asterisk.Originates[0].ChannelId, _world.Clock.GetUtcNow());
        await _world.PassAsync(TimeSpan.FromSeconds(11));
        var attempt = await _world.OpenAttemptAsync(call);
        await _world.Grains.GetGrain<ICallGrain>(call).Reconcile(
            attempt, Remains(call), seen, afterGap: false, lastSeen: null);
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
    }

    [Fact]
    public async Task A_call_that_ended_in_a_gap_with_its_grain_is_closed_by_what_was_known_before_the_gap()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        var call = _world.Asterisk.Originates[0].ChannelId;
        var attempt = await _world.OpenAttemptAsync(call);
        // The clock may have gone on for longer than the minimum duration until the answer was seen to be written.
        var known = attempt.AnsweredAt + TimeSpan.FromSeconds(1);
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.Grains.GetGrain<ICallGrain>(call).Reconcile(attempt, null, _world.Clock.GetUtcNow(), afterGap: true, lastSeen: known);
        Assert.Equal(Verdict.Interrupted, Assert.Single(await _world.VerdictsAsync(1)));
    }

    [Fact]
    public async Task Who_picked_up_unwritten_is_spoken_to_again_though_the_next_that_is_heard_is_the_end_of_a_playback()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers());
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        var call = _world.Asterisk.Originates[0].ChannelId;
        // Its silo dies while the greeting is played, and has not written the answer yet.
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.DoAsync("update attempt set answered_at = null, step = null");
        _world.Asterisk.FinishPlayback(CallNames.Playback(call, 1));
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "a greeting that is said again");
        await _world.AnswerIsWrittenAsync();
    }

    [Fact]
    public async Task A_hang_up_that_was_lost_before_a_gap_does_not_make_a_call_last_until_the_gap()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(4)).NeverReports());
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        // Others are heard of until then, and the call would have lasted long enough.
        await _world.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(0L, await _world.AskAsync<long>("select count(ended_at) from attempt"));
        _world.Asterisk.DropSocket();
        Assert.Equal(Verdict.Interrupted, (await _world.VerdictsAsync(1))[0]);
        Assert.InRange((await _world.AttemptsAsync())[0].Duration!.Value, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4.5));
    }

    [Fact]
    public async Task What_a_silo_saw_before_it_slept_does_not_end_a_call_that_was_placed_meanwhile()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        var before = _world.Clock.GetUtcNow();
        await _world.AnswerIsWrittenAsync();
        var call = _world.Asterisk.Originates[0].ChannelId;
        var attempt = await _world.OpenAttemptAsync(call);
        await _world.PassAsync(TimeSpan.FromSeconds(20));
        // Its directory knows nothing of the call's grain, and makes another one.
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.Grains.GetGrain<ICallGrain>(call).Reconcile(attempt, null, before.AddSeconds(-1), afterGap: false, lastSeen: null);
        await _world.Grains.GetGrain<ICallGrain>(call).Reconcile(attempt, null, attempt.StartedAt.AddSeconds(1), afterGap: false, lastSeen: null);
        Assert.NotNull(_world.Asterisk.Channel(call));
        Assert.Equal(0L, await _world.AskAsync<long>("select count(ended_at) from attempt"));
    }

    [Fact]
    public async Task A_look_at_a_node_from_before_a_call_was_placed_or_heard_of_does_not_end_it()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        var before = _world.Clock.GetUtcNow();
        await _world.AnswerIsWrittenAsync();
        var call = _world.Asterisk.Originates[0].ChannelId;
        var attempt = await _world.OpenAttemptAsync(call);
        await _world.Grains.GetGrain<ICallGrain>(call).Reconcile(attempt, null, before.AddMilliseconds(-1), afterGap: true, lastSeen: before);
        await _world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.NotNull(_world.Asterisk.Channel(call));
        Assert.Equal(0L, await _world.AskAsync<long>("select count(ended_at) from attempt"));
    }

    [Fact]
    public async Task Events_that_come_twice_or_after_the_end_change_nothing()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11)));
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        var call = _world.Asterisk.Originates[0].ChannelId;
        var channel = new JsonObject { ["id"] = call, ["name"] = "PJSIP/x", ["state"] = "Up" };
        _world.Asterisk.SendEvent("dialer", "StasisStart", new JsonObject { ["args"] = new JsonArray(), ["channel"] = channel.DeepClone() });
        await _world.VerdictsAsync(1);
        Assert.Single(_world.Asterisk.Plays);
        for (var i = 0; i < 2; i++)
            _world.Asterisk.SendEvent("dialer", "ChannelDestroyed", new JsonObject { ["cause"] = 17, ["cause_txt"] = "User busy", ["channel"] = channel.DeepClone() });
        _world.Asterisk.SendEvent("dialer", "ChannelDtmfReceived", new JsonObject { ["digit"] = "1", ["duration_ms"] = 100, ["channel"] = channel.DeepClone() });
        await _world.PassAsync(TimeSpan.FromSeconds(3));
        var attempt = Assert.Single(await _world.AttemptsAsync());
        Assert.Equal((Verdict.Success, TimeSpan.FromSeconds(11), (string?)null), (attempt.Verdict, attempt.Duration, attempt.Keys));
        Assert.Equal(1, (await _world.Campaign().Stats()).Attempts.Total);
    }

    [Fact]
    public async Task An_order_that_is_refused_does_not_change_how_the_running_call_is_judged()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers());
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        var attempt = await _world.OpenAttemptAsync(_world.Asterisk.Originates[0].ChannelId);
        var lines = _world.Grains.GetGrain<ICampaignLines>(attempt.CampaignKey);
        var row = await new ContactStore(_world.Database).ReadAsync(attempt.Campaign, attempt.Contact, TestContext.Current.CancellationToken);
        var late = new ContactOrder(
            row! with { RetriesUsed = CallWorld.Debts.Retries }, Guid.CreateVersion7(), attempt.TrunkKey, 1, attempt.Node, null, (await lines.Terms())!, (await lines.Script())!,
            attempt.CampaignKey);
        Assert.NotEqual(OrderOutcome.Started, await _world.Grains.GetGrain<IContactGrain>($"{attempt.Campaign}/{attempt.Contact}").Call(late));
        _world.Asterisk.Hangup(attempt.Id.ToString());
        Assert.Equal([Verdict.TooShort], await _world.VerdictsAsync(1));
        Assert.Equal(1, await _world.AskAsync<int>("select retries_used::int from contact where state = 0"));
    }

    [Fact]
    public async Task An_answer_that_was_not_stored_is_stored_with_what_follows()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.AnswerIsWrittenAsync();
        await _world.DoAsync("update attempt set answered_at = null");
        _world.Asterisk.Dtmf(_world.Asterisk.Originates[0].ChannelId, '7');
        await _world.AnswerIsWrittenAsync();
    }

    [Fact]
    public async Task An_operators_answer_that_is_told_twice_ends_no_talk()
    {
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.PassUntilAsync(() => _world.IsTalking, "a talk");
        var leg = _world.Asterisk.Originates[1].ChannelId;
        var channel = new JsonObject { ["id"] = leg, ["name"] = "PJSIP/x", ["state"] = "Up" };
        _world.Asterisk.SendEvent("dialer", "StasisStart", new JsonObject { ["args"] = new JsonArray(), ["channel"] = channel });
        await _world.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(2, _world.Asterisk.ChannelsIn(_world.Asterisk.Bridges[0])!.Count);
        _world.Asterisk.Hangup(leg);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }
}
