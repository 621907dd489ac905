using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>A socket, events, or a whole Asterisk are lost in the middle of calls: nobody is called twice, nobody is forgotten.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class LostSocketTests(PrivatePostgres postgres) : IAsyncLifetime
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
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a playback that is written");
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
    public async Task A_talk_goes_on_after_the_socket_broke_and_ends_with_either_side()
    {
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.PassUntilAsync(() => _world.IsTalking, "a talk");
        await _world.OperatorIsWrittenAsync();
        _world.Asterisk.DropSocket();
        await ReconnectedAsync(2);
        await _world.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(2, _world.Asterisk.ChannelsIn(_world.Asterisk.Bridges[0])!.Count);
        _world.Asterisk.Hangup(_world.Asterisk.Originates[1].ChannelId);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
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

    private Task ReconnectedAsync(int sockets) =>
        _world.PassUntilAsync(() => _world.Asterisk.SocketsOpened >= sockets && _world.Asterisk.Applications.Count == 1, "a new socket");
}
