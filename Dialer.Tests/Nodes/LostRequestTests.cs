using System.Reflection;
using Dialer.Grains.Calls;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Nodes;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>A request, or its answer, is lost on the way to a node or between two grains: nobody is called twice, nobody is forgotten.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class LostRequestTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_perhaps_nobody_heard_is_said_a_moment_later(bool isBusy)
    {
        // Then Asterisk does not even tell whether it plays.
        var refused = isBusy ? 1 : 0;
        _world.Asterisk.Intercept = request => IsPlayingAsked(request) && refused-- > 0 ? FakeReply.Message(500, "Not now.") : null;
        var asked = 0;
        _world.Around = call => IsPlay(call) && Interlocked.Increment(ref asked) == 1 ? throw new TimeoutException("Nobody answered.") : call.Invoke();
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => asked == 1, "a greeting that is lost");
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting", TimeSpan.FromSeconds(5));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task What_perhaps_nobody_heard_is_said_by_whoever_goes_on_with_the_call()
    {
        var isLost = true;
        _world.Around = call => isLost && IsPlay(call) ? throw new TimeoutException("Nobody answered.") : call.Invoke();
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(async () => (await _world.StepAsync())!.StartsWith("100@-", StringComparison.Ordinal), "a step that is written, and was not said");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId));
        Assert.Empty(_world.Asterisk.Plays);
        isLost = false;
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting", TimeSpan.FromSeconds(15));
        await _world.PassUntilAsync(async () => !(await _world.StepAsync())!.Contains('-', StringComparison.Ordinal), "a step that was said");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whether_it_still_speaks_is_asked_again_where_nobody_could_tell(bool byEvent)
    {
        await _world.CallOneAsync(CallWorld.Debts, CallWorld.TwoSteps);
        await _world.PassUntilAsync(async () => await _world.StepAsync() == "100@1", "a step that is written");
        var id = _world.Asterisk.Originates[0].ChannelId;
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(id));
        var (asked, isOver) = (0, false);
        _world.Around = call =>
        {
            if (call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.IsPlaying) && Interlocked.Increment(ref asked) == 1 && byEvent)
                throw new TimeoutException("Nobody answered.");
            if (!CallWorld.Tells(call, e => e.Kind == CallEventKind.PlaybackFinished))
                return call.Invoke();
            isOver = true;
            return CallWorld.Swallow(call);
        };
        _world.Asterisk.Intercept = request => IsPlayingAsked(request) && asked == 1 ? FakeReply.Message(500, "Not now.") : null;
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await CallWorld.SeeAsync(() => isOver, "an end of the greeting of which nobody is told");
        if (byEvent)
            _world.Asterisk.Dtmf(id, '7');
        await _world.PassUntilAsync(() => asked > 0, "a call that is taken over", TimeSpan.FromSeconds(15));
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the next step", TimeSpan.FromSeconds(5));
    }

    private static bool IsPlay(IIncomingGrainCallContext call) => call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Play);

    private static bool IsPlayingAsked(FakeRequest request) => request is { Method: "GET", Segments: ["playbacks", _] };

    [Theory]
    [InlineData(NodeAnswer.NotSent, Verdict.Interrupted)]
    // Before it was there: that uses up a retry, or who always does so would be called for ever.
    [InlineData(NodeAnswer.Gone, Verdict.TooShort)]
    public async Task Who_heard_not_one_word_was_not_reached(NodeAnswer answer, Verdict expected)
    {
        _world.Around = call => IsPlay(call) ? CallWorld.AnswerInstead(call, answer) : call.Invoke();
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(5)));
        await _world.CallOneAsync(CallWorld.Debts with { MinimumDuration = TimeSpan.FromSeconds(3) });
        Assert.Equal(expected, (await _world.VerdictsAsync(1))[0]);
    }

    [Fact]
    public async Task Who_is_gone_when_the_plan_comes_back_to_its_entry_has_heard_it()
    {
        var asked = 0;
        _world.Asterisk.PlaybackDuration = _ => TimeSpan.FromSeconds(2);
        _world.Around = call => !IsPlay(call) || Interlocked.Increment(ref asked) == 1
            ? call.Invoke()
            : CallWorld.AnswerInstead(call, NodeAnswer.Gone);
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(20)));
        await _world.CallOneAsync(
            CallWorld.Debts with { MinimumDuration = TimeSpan.FromSeconds(3) },
            ("100", new Playback { Audio = "greeting", WaitForInput = true, InputTimeout = TimeSpan.FromSeconds(1), GoTo = "100" }));
        Assert.Equal(Verdict.Success, (await _world.VerdictsAsync(1))[0]);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Who_has_waited_for_an_operator_and_goes_before_the_next_words_was_reached()
    {
        _world.Around = call => IsPlay(call) ? CallWorld.AnswerInstead(call, NodeAnswer.Gone) : call.Invoke();
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(30)));
        await _world.CallOneAsync(
            CallWorld.Debts,
            ("100", new OperatorQueue { Members = [new(Operator: "office")], RingTimeout = TimeSpan.FromSeconds(10), MaxWait = TimeSpan.FromSeconds(12), GoTo = "200" }),
            ("200", new Playback { Audio = "greeting", WaitForInput = true }));
        Assert.Equal(Verdict.Success, (await _world.VerdictsAsync(1))[0]);
        Assert.StartsWith("200@-", await _world.StepAsync(), StringComparison.Ordinal);
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
    public async Task A_call_whose_plan_is_over_is_hung_up_though_the_first_request_to_was_not_sent()
    {
        var refused = 0;
        _world.Around = call => call.InterfaceMethod.Name != nameof(IAsteriskNodeGrain.Hangup) || Interlocked.Increment(ref refused) > 2
            ? call.Invoke()
            : CallWorld.AnswerInstead(call, refused == 1 ? NodeAnswer.NotSent : NodeAnswer.Unknown);
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a playback");
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[0].PlaybackId);
        await _world.PassUntilAsync(() => refused >= 3, "a third request", TimeSpan.FromSeconds(8));
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public void A_call_does_not_wait_for_a_node_for_as_long_as_for_other_grains() => Assert.DoesNotContain(
        typeof(IAsteriskNodeGrain).GetMethods().ExceptBy(
            [nameof(IAsteriskNodeGrain.Ping), nameof(IAsteriskNodeGrain.SetDraining), nameof(IAsteriskNodeGrain.MoveTo)], m => m.Name),
        m => m.GetCustomAttribute<ResponseTimeoutAttribute>() is null);

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
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers(TimeSpan.FromSeconds(30));
        await _world.CallOneAsync(CallWorld.Debts);
        // Nobody goes before that: the request is given up after seconds of real time, which are minutes of the test's.
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting");
        await _world.PassAsync(CallWorld.Debts.MinimumDuration);
        _world.Asterisk.Hangup(_world.Asterisk.Originates[0].ChannelId);
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
}
