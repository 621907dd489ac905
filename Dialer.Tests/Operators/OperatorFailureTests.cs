using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Nodes;
using Dialer.Grains.Operators;
using Dialer.Grains.Trunks;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Operators;

/// <summary>What dies on the way from the key to the operator: whoever pressed it is served all the same, and a talk goes on.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class OperatorFailureTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Second = "79161110002";
    private const string Phone = "1700000000.1";
    private static readonly QueueMember s_office = new(Operator: "office");
    private static readonly QueueMember s_mobile = new(Number: "79165550001", Trunk: "main");
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        _world.Asterisk.Script(Second, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_caller_whom_the_queue_was_not_told_of_is_served_a_moment_later()
    {
        // More often than it is asked again at once.
        Refuse(nameof(IOperatorQueueGrain.Enter), times: 5);
        await CallAsync(s_office);
        await TalkAsync();
    }

    [Fact]
    public async Task A_queue_that_has_slept_orders_nothing_any_more()
    {
        _world.Asterisk.Script("office", Subscriber.Busy());
        await _world.CallOneAsync(CallWorld.Debts, Plan(s_office));
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count > 2, "an office that is rung again");
        var (ordered, notTaken) = (0, 0);
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name is nameof(ICallGrain.Ring) or nameof(ICallGrain.QueueTimedOut))
                Interlocked.Increment(ref ordered);
            await call.Invoke();
            if (call.InterfaceMethod.Name is nameof(IOperatorQueueGrain.NotTaken) && ordered > 0)
                Interlocked.Increment(ref notTaken);
        };
        await _world.PassUntilAsync(() => notTaken > 0, "an order that nobody took");

        _world.SilosHaveSlept();
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        ordered = 0;
        await _world.PassAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(0, ordered);
    }

    [Fact]
    public async Task A_mobile_whose_trunk_can_not_be_asked_keeps_no_other_phone_from_ringing()
    {
        Refuse(nameof(ITrunkLines.RequestOperatorLine), times: 1);
        await CallAsync(s_mobile, s_office);
        await TalkAsync();
    }

    [Fact]
    public async Task Who_could_not_be_connected_is_connected_a_moment_later()
    {
        Refuse(nameof(IAsteriskNodeGrain.Connect), times: 5);
        await CallAsync(s_office);
        await TalkAsync();
    }

    [Fact]
    public async Task A_talk_that_was_not_written_goes_on_after_the_grain_was_lost()
    {
        await CallAsync(s_office);
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        await _world.AskAsync<int>("update attempt set operator = null returning 1");
        await TakeOverAsync();
        // Two looks at the node.
        await _world.PassAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(2, _world.Asterisk.ChannelsIn(Assert.Single(_world.Asterisk.Bridges))!.Count);
        Assert.Equal(2, _world.Asterisk.Originates.Count);

        _world.Asterisk.Hangup(_world.Asterisk.Originates[1].ChannelId);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_talk_that_began_between_a_look_and_the_takeover_that_it_led_to_goes_on(bool wasBusy)
    {
        DateTimeOffset? onlyLook = null;
        _world.Around = call => CallWorld.IsOtherLook(call, onlyLook) ? throw new SiloUnavailableException("Not now.") : call.Invoke();
        _world.Asterisk.Script("office", Subscriber.Answers(TimeSpan.FromSeconds(3)));
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a phone that rings");
        var (caller, office, looked) = (_world.Asterisk.Originates[0].ChannelId, _world.Asterisk.Originates[1].ChannelId, _world.Clock.GetUtcNow());
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        await _world.DoAsync("update attempt set operator = null");
        var attempt = await _world.OpenAttemptAsync(caller);
        onlyLook = looked;
        await TakeOverAsync();
        // Then the room can't be asked at first.
        var refused = wasBusy ? 1 : 0;
        _world.Asterisk.Intercept = request => request is { Method: "GET", Segments: ["bridges", _] } && refused-- > 0 ? FakeReply.Message(500, "Not now.") : null;

        var asksAgain = await Call.Reconcile(
            attempt, new CallRemains(new Dictionary<string, bool> { [caller] = true, [office] = false }, Bridge: false), looked, afterGap: true, lastSeen: null);
        onlyLook = null;
        await _world.PassAsync(TimeSpan.FromSeconds(25));

        Assert.Equal(wasBusy, asksAgain);
        Assert.Equal([caller, office], _world.Asterisk.ChannelsIn(Assert.Single(_world.Asterisk.Bridges))!.OrderBy(channel => channel == office));
        Assert.Equal(2, _world.Asterisk.Originates.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_talk_that_is_written_is_not_ended_by_a_look_from_before_it(bool wasBusy)
    {
        DateTimeOffset? onlyLook = null;
        _world.Around = call => CallWorld.IsOtherLook(call, onlyLook) ? throw new SiloUnavailableException("Not now.") : call.Invoke();
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(2)));
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a greeting");
        var (caller, looked) = (_world.Asterisk.Originates[0].ChannelId, _world.Clock.GetUtcNow());
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        var attempt = await _world.OpenAttemptAsync(caller);
        onlyLook = looked;
        await TakeOverAsync();
        // Older ones are left alone.
        Assert.True(_world.Clock.GetUtcNow() - looked < TimeSpan.FromSeconds(15));
        // Then the room can't be asked at first.
        var refused = wasBusy ? 1 : 0;
        _world.Asterisk.Intercept = request => request is { Method: "GET", Segments: ["bridges", _] } && refused-- > 0 ? FakeReply.Message(500, "Not now.") : null;

        var asksAgain = await Call.Reconcile(
            attempt, new CallRemains(new Dictionary<string, bool> { [caller] = true }, Bridge: false), looked, afterGap: true, lastSeen: null);
        onlyLook = null;
        await _world.PassAsync(TimeSpan.FromSeconds(25));

        Assert.Equal(wasBusy, asksAgain);
        Assert.True(_world.IsTalking);
        Assert.Equal(2, _world.Asterisk.Originates.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_whom_the_predecessor_could_not_connect_is_connected_by_whoever_goes_on(bool isToldAgain)
    {
        var isRefused = true;
        _world.Around = call => isRefused && call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Connect)
            ? CallWorld.AnswerInstead(call, NodeAnswer.NotSent)
            : call.Invoke();
        await CallAsync(s_office);
        await _world.OperatorIsWrittenAsync();
        await TakeOverAsync();
        Assert.Empty(_world.Asterisk.Bridges);
        isRefused = false;
        // Whoever brought the news of the answer was not answered, and brings it again.
        if (isToldAgain)
            await Call.Happened([new CallEvent(CallEventKind.Entered, _world.Asterisk.Originates[1].ChannelId, _world.Clock.GetUtcNow())]);
        await TalkAsync();
        Assert.Equal(2, _world.Asterisk.Originates.Count);
    }

    [Fact]
    public async Task A_talk_that_was_taken_over_is_over_where_nobody_told_that_the_operator_is_gone()
    {
        await CallAsync(s_office);
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        await _world.PassAsync(CallWorld.Debts.MinimumDuration);
        await TakeOverAsync();
        var office = _world.Asterisk.Originates[1].ChannelId;
        var isLost = false;
        _world.Around = call =>
        {
            if (!CallWorld.Tells(call, e => e.Source == office))
                return call.Invoke();
            isLost = true;
            return CallWorld.Swallow(call);
        };
        _world.Asterisk.Hangup(office);
        await CallWorld.SeeAsync(() => isLost, "a hang-up of which nobody is told");
        // The next look is from before the call is taken over, and one soon after it is not.
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 0, "silence", TimeSpan.FromSeconds(25));
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task An_operators_phone_rings_while_the_database_is_away()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers());
        await CallAsync(s_office);
        await _world.PassUntilAsync(async () => await _world.AskAsync<long>("select count(step) from attempt") == 1, "a step that is written");
        await _world.DoAsync("alter table owner rename to away");
        try
        {
            // Longer than the node takes an answer of before for true.
            await _world.PassAsync(TimeSpan.FromSeconds(4));
            _world.Asterisk.Dtmf(_world.Asterisk.Originates[0].ChannelId, '1');
            await TalkAsync();
        }
        finally
        {
            await _world.DoAsync("alter table away rename to owner");
        }
    }

    [Fact]
    public async Task A_trunk_that_never_answers_keeps_no_other_phone_from_ringing()
    {
        var never = new TaskCompletionSource();
        _world.Around = call => call.InterfaceMethod.Name == nameof(ITrunkLines.RequestOperatorLine) ? never.Task : call.Invoke();
        await CallAsync(s_mobile, s_office);
        await TalkAsync();
        never.SetResult();
    }

    [Fact]
    public async Task A_queue_that_never_answers_keeps_no_phone_ringing_for_a_caller_who_has_gone()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a phone that rings");
        var never = new TaskCompletionSource();
        _world.Around = call => call.InterfaceMethod.Name == nameof(IOperatorQueueGrain.Leave) ? never.Task : call.Invoke();
        _world.Asterisk.Hangup(_world.Asterisk.Originates[0].ChannelId);
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 0, "silence", TimeSpan.FromSeconds(5));
        never.SetResult();
    }

    [Fact]
    public async Task An_operator_whose_talk_was_taken_over_is_free_when_it_is_over()
    {
        await CallAsync(s_office);
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        await _world.PassAsync(CallWorld.Debts.MinimumDuration);
        await TakeOverAsync();
        // The last word is all that the new activation hears of it.
        _world.Asterisk.Hangup(_world.Asterisk.Originates[1].ChannelId);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.UploadAsync("debts", ListMode.Add, "Boris," + Second);
        await TalkAsync();
        Assert.Equal([CallWorld.Person, "office", Second, "office"], _world.Asterisk.Originates.Select(o => o.Number));
    }

    [Fact]
    public async Task An_operator_who_talks_is_not_rung_for_another_by_a_queue_that_was_lost()
    {
        await CallAsync(s_office);
        await TalkAsync();
        await TakeOverAsync();
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<IOperatorQueueGrain>(Keys.Of(CallWorld.Tenant, "100*1")));
        // The call is taken over by the next look at the node, and says that it talks.
        await _world.PassAsync(TimeSpan.FromSeconds(17));
        await _world.UploadAsync("debts", ListMode.Add, "Boris," + Second);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 3, "a second caller");
        await _world.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([CallWorld.Person, "office", Second], _world.Asterisk.Originates.Select(o => o.Number));
    }

    [Fact]
    public async Task A_queue_forgets_calls_of_which_it_hears_nothing()
    {
        await _world.MoveInAsync();
        var queue = _world.Grains.GetGrain<IOperatorQueueGrain>(Keys.Of(CallWorld.Tenant, "100*1"));
        await queue.Connected(Guid.NewGuid().ToString(), OperatorQueueGrain.NameOf(s_office));
        await queue.Enter(Guid.NewGuid().ToString(), [], new OperatorQueue { Members = [s_office], Strategy = RingStrategy.RingAll });
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a phone that rings", TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task A_caller_who_is_taken_over_while_a_phone_rings_is_served()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer(), Subscriber.Answers());
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a phone that rings");
        await TakeOverAsync();
        await _world.PassUntilAsync(() => _world.IsTalking, "a talk", TimeSpan.FromSeconds(25));
        Assert.Equal(3, _world.Asterisk.Originates.Count);
    }

    [Fact]
    public async Task A_talk_that_was_taken_over_goes_on_when_another_phone_has_stopped_ringing()
    {
        await CallAsync(s_office);
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        await _world.PassAsync(CallWorld.Debts.MinimumDuration);
        await TakeOverAsync();
        await Call.Happened([new CallEvent(CallEventKind.Destroyed, CallNames.Leg(Call.GetPrimaryKeyString(), 7), _world.Clock.GetUtcNow(), Cause: 26)]);
        // Its own answer once more: nobody knows whether the activation before had heard it.
        await TakeOverAsync();
        await TalkGoesOnThoughItsBeginningIsToldAgainAsync();
    }

    [Fact]
    public async Task A_talk_that_was_not_written_goes_on_though_its_beginning_is_told_again()
    {
        await CallAsync(s_office);
        await TalkAsync();
        await _world.OperatorIsWrittenAsync();
        await _world.PassAsync(CallWorld.Debts.MinimumDuration);
        await _world.AskAsync<int>("update attempt set operator = null returning 1");
        await TakeOverAsync();
        await TalkGoesOnThoughItsBeginningIsToldAgainAsync();
    }

    [Fact]
    public async Task A_phone_of_the_office_that_is_gone_before_it_hears_anything_rings_nobody()
    {
        var call = await ListenAsync();
        await _world.PassAsync(TimeSpan.FromSeconds(3));
        Assert.Empty(_world.Asterisk.Originates);
        await _world.IsGoneAsync(call);
    }

    [Fact]
    public async Task A_phone_of_the_office_whose_end_was_lost_keeps_no_operator()
    {
        // The answer of a phone that is there; all else is told that there is none.
        _world.Asterisk.Intercept = request => request.Segments is ["channels", Phone, "answer"] ? FakeReply.NoContent : null;
        var call = await ListenAsync();
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a phone that rings");
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 0, "silence", TimeSpan.FromSeconds(5));
        await _world.IsGoneAsync(call);
        await _world.UploadAsync("Anna," + CallWorld.Person);
        await TalkAsync();
    }

    [Fact]
    public async Task A_phone_whose_end_nobody_told_is_rung_again()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer(), Subscriber.Answers());
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a phone that rings");
        var office = _world.Asterisk.Originates[1].ChannelId;
        _world.Around = call => CallWorld.Tells(call, e => e.Source == office) ? CallWorld.Swallow(call) : call.Invoke();
        _world.Asterisk.Hangup(office);
        // The next look at the node, and the pause between two rounds.
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 3, "a phone that rings again", TimeSpan.FromSeconds(18));
    }

    [Fact]
    public async Task A_phone_that_is_placed_when_its_caller_has_hung_up_stops_ringing()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        var (gate, asked) = (new TaskCompletionSource(), false);
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Originate) && ((OriginateOrder)call.Request.GetArgument(0)!).Originator is not null)
            {
                asked = true;
                await gate.Task;
            }

            await call.Invoke();
        };
        await CallAsync(s_office);
        await _world.PassUntilAsync(() => asked, "a phone that is being placed");
        _world.Asterisk.Hangup(_world.Asterisk.Originates[0].ChannelId);
        await CallWorld.SeeAsync(async () => await _world.AskAsync<long>("select count(ended_at) from attempt") == 1, "an end");
        gate.SetResult();
        await _world.Asterisk.WaitUntilAsync(() => _world.Asterisk.Originates.Count == 2, TimeSpan.FromSeconds(10), "the phone");
        await CallWorld.SeeAsync(() => _world.Asterisk.Channels.Count == 0, "silence");
    }

    private async Task TalkGoesOnThoughItsBeginningIsToldAgainAsync()
    {
        var office = _world.Asterisk.Originates[1].ChannelId;
        await Call.Happened([new CallEvent(CallEventKind.Entered, office, _world.Clock.GetUtcNow())]);
        await _world.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(2, _world.Asterisk.ChannelsIn(Assert.Single(_world.Asterisk.Bridges))!.Count);
        _world.Asterisk.Hangup(office);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }

    /// <summary>A phone of the office dials the queue; its channel is not there any more.</summary>
    private async Task<ICallGrain> ListenAsync()
    {
        await _world.MoveInAsync(5, 1000, Plan(s_office));
        await _world.Campaign().Put(CallWorld.Debts);
        var call = _world.Grains.GetGrain<ICallGrain>($"{CallWorld.Node}:{Phone}");
        await call.Listen(CallWorld.Node, Phone, CallWorld.Tenant, "100*1");
        return call;
    }

    private ICallGrain Call => _world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId);

    /// <summary>As after its silo died: the next event, or the next look at the node, finds a new activation.</summary>
    private Task TakeOverAsync() => _world.Cluster.DeactivateAsync(Call);

    private void Refuse(string method, int times) => _world.Around = call =>
        call.InterfaceMethod.Name == method && Interlocked.Decrement(ref times) >= 0
            ? throw new SiloUnavailableException("The silo has just died.")
            : call.Invoke();

    private async Task CallAsync(params QueueMember[] members) => await _world.CallOneAsync(CallWorld.Debts, Plan(members));

    private static (string, Extension)[] Plan(params QueueMember[] members) =>
    [
        ("100", new Playback { Audio = "greeting", WaitForInput = true }),
        ("100*1", new OperatorQueue { Strategy = RingStrategy.RingAll, Members = [.. members], RingTimeout = TimeSpan.FromSeconds(20) }),
    ];

    private Task TalkAsync() => _world.PassUntilAsync(() => _world.IsTalking, "a talk", TimeSpan.FromSeconds(15));
}
