using System.Globalization;
using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Nodes;
using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Grains and silos are lost in the middle of calls: whoever goes on knows what is written, and nobody is called twice or forgotten.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class LostGrainTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_call_whose_grain_is_lost_goes_on_with_its_step_though_no_event_comes()
    {
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        var call = _world.Asterisk.Originates[0].ChannelId;
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        // The clock of the silo before was ahead: what is decided after it counts as later all the same.
        await _world.DoAsync("update attempt set decided_at = decided_at + interval '1 hour'");
        // The event finds a grain that knows nothing but what is written.
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the next step");
        Assert.Contains("p2", _world.Asterisk.Plays[1].PlaybackId, StringComparison.Ordinal);

        // The time for input is a timer, and lost with the grain: the sweep finds it out.
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "200@2", "a step that is written");
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[1].PlaybackId);
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
    }

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
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100*1@2", "the step behind the key");
        var call = _world.Grains.GetGrain<ICallGrain>(id);
        await _world.Cluster.DeactivateAsync(call);

        await call.Happened([new CallEvent(CallEventKind.Key, id, pressed, "1")]);
        Assert.Equal("1", await _world.AskAsync<string>("select keys from attempt"));
        Assert.Equal("100*1@2", await _world.StepAsync());

        // Two keys of one moment would be one.
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        _world.Asterisk.Dtmf(id, '1');
        await _world.PassUntilAsync(async () => await _world.AskAsync<string>("select keys from attempt") != "1", "the next key");
        Assert.Equal(("11", "100*1*1@3"), (await _world.AskAsync<string>("select keys from attempt"), await _world.StepAsync()));
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
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
        var call = _world.Asterisk.Originates[0].ChannelId;
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "200@2", "the next step that is written");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(call));
        await _world.AskAsync<int>("with crash as (update attempt set step = '100@1' returning 1) select count(*)::int from crash");
        _world.Asterisk.DropSocket();
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "200@2", "a call that found its place");
        Assert.NotNull(_world.Asterisk.Channel(call));
        Assert.Equal(2, _world.Asterisk.Plays.Count);
        _world.Asterisk.Hangup(call);
        Assert.DoesNotContain(Verdict.Interrupted, await _world.VerdictsAsync(1));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_after_the_grain_was_lost_does_not_leave_the_operator_in_silence()
    {
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", CallWorld.Office));
        await _world.OperatorIsWrittenAsync();
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
    public async Task Calls_go_on_and_new_ones_start_after_the_silo_of_their_campaign_was_killed()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(60));
        await _world.CallOneAsync(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)] }, CallWorld.TwoSteps);
        await _world.UploadAsync("debts", ListMode.Add, "Boris,79161110002");
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_whose_silo_died_while_that_of_its_node_lives_does_not_wait_for_the_next_sweep(bool answersLate)
    {
        await _world.CallOneAsync(CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true, InputTimeout = TimeSpan.FromMinutes(2) }));
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
        var call = _world.Asterisk.Originates[0].ChannelId;
        var (here, other) = await AwayFromItsNodeAsync(call);
        // The end of the greeting is told there, and what follows is a timer.
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        var sweeps = Asked("bridges");
        await _world.PassUntilAsync(() => Asked("bridges") > sweeps, "a sweep");
        await _world.Cluster.KillSiloAsync(other, TestContext.Current.CancellationToken);
        var members = here.ServiceProvider.GetRequiredService<IClusterMembershipService>();
        await CallWorld.SeeAsync(() => members.CurrentSnapshot.GetSiloStatus(other.SiloAddress) == SiloStatus.Dead, "a silo that is declared dead");
        var (before, late) = (Asked("playbacks"), answersLate ? 1 : 0);
        _world.Around = call => call.InterfaceMethod.Name == nameof(ICallGrain.Reconcile) && Interlocked.Decrement(ref late) >= 0
            ? throw new TimeoutException("No answer came.")
            : call.Invoke();
        await _world.PassUntilAsync(() => Asked("playbacks") > before, "a look whether it still speaks", TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_call_that_could_not_be_asked_after_a_gap_does_not_wait_until_its_node_was_told_of_its_trunks()
    {
        await AnswerMenuAsync();
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId));
        var (never, late) = (new TaskCompletionSource(), 1);
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name == nameof(ITrunkLines.Spec))
                await never.Task;
            if (IsLookAfterGap(call) && Interlocked.Decrement(ref late) >= 0)
                throw new TimeoutException("No answer came.");
            await call.Invoke();
        };
        var before = Asked("playbacks");
        _world.Asterisk.DropSocket();
        await _world.PassUntilAsync(() => Asked("playbacks") > before, "a look whether it still speaks", TimeSpan.FromSeconds(30));
        Assert.True(late < 0);
        never.SetResult();
    }

    [Fact]
    public async Task A_call_that_lives_and_could_not_be_asked_after_a_gap_hears_of_the_gap_later()
    {
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
        var (isLost, late) = (false, 1);
        _world.Around = call =>
        {
            if (IsLookAfterGap(call) && Interlocked.Decrement(ref late) >= 0)
                throw new SiloUnavailableException("The message was refused on its way.");
            if (!CallWorld.Tells(call, e => e.Kind == CallEventKind.PlaybackFinished))
                return call.Invoke();
            isLost = true;
            return CallWorld.Swallow(call);
        };
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await CallWorld.SeeAsync(() => isLost, "an end of the greeting of which nobody is told");
        _world.Asterisk.DropSocket();
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the next step", TimeSpan.FromSeconds(30));
        Assert.True(late < 0);
    }

    private static bool IsLookAfterGap(IIncomingGrainCallContext call) =>
        call.InterfaceMethod.Name == nameof(ICallGrain.Reconcile) && (bool)call.Request.GetArgument(3)!;

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
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
    }
}
