using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Nodes;
using Dialer.Grains.Trunks;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Operators;

/// <summary>From the key that a caller presses to the operator, and to a clean end whoever hangs up.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class OperatorFlowTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Person = "79161110001";
    private const string Mobile = "79165550001";
    private static readonly QueueMember s_office = new(Operator: "office");
    private static readonly QueueMember s_cellar = new(Operator: "cellar");
    private static readonly QueueMember s_mobile = new(Number: Mobile, Trunk: "main");
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_operator_who_answers_first_has_the_caller_and_the_others_stop_ringing()
    {
        _world.Asterisk.Script("cellar", Subscriber.NoAnswer());
        _world.Asterisk.Script(Mobile, Subscriber.NoAnswer());
        _world.Asterisk.Script("office", Subscriber.Answers(TimeSpan.FromSeconds(8)).HangsUpAfter(TimeSpan.FromSeconds(15)));
        await CallAsync(Queue(RingStrategy.RingAll, s_office, s_cellar, s_mobile));
        var call = await TalkAsync();

        var bridge = Assert.Single(_world.Asterisk.Bridges);
        var room = _world.Asterisk.ChannelsIn(bridge)!;
        Assert.Equal(2, room.Count);
        Assert.Contains(call, room);
        Assert.Equal("office", _world.Asterisk.Channel(room.Single(id => id != call))!.Number);
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 2, "phones that stopped ringing");
        Assert.False(_world.Asterisk.Channel(call)!.HasMoh);

        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
        var attempt = Assert.Single(await _world.AttemptsAsync());
        Assert.Equal(("1", "office"), (attempt.Keys, attempt.Operator));
        var stats = await _world.Campaign().Stats();
        Assert.Equal((1, 1), (stats.Operator.Requested, stats.Operator.Connected));
        // The mobile used one of the trunk's lines beside the caller's.
        Assert.Equal(2, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_leaves_no_ringing_phone_behind()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        _world.Asterisk.Script(Mobile, Subscriber.NoAnswer());
        await CallAsync(Queue(RingStrategy.RingAll, s_office, s_mobile));
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 3, "two phones that ring");
        _world.Asterisk.Hangup(_world.Asterisk.Originates[0].ChannelId);
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
        Assert.Null(Assert.Single(await _world.AttemptsAsync()).Operator);
    }

    [Fact]
    public async Task A_mobile_waits_for_a_line_and_goes_ahead_of_new_calls()
    {
        var wished = false;
        _world.Around = async call =>
        {
            await call.Invoke();
            wished |= call.InterfaceMethod.Name == nameof(ITrunkLines.RequestOperatorLine);
        };
        _world.Asterisk.Script(Mobile, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(12)));
        await _world.MoveInAsync(2, 1000, Plan(Queue(RingStrategy.RingAll, s_mobile)));
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0 });
        await _world.UploadAsync("Anna," + Person, "Boris,79161110002", "Clara,79161110003");
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "two calls on two lines");
        var caller = _world.Asterisk.Originates.Single(o => o.Number == Person).ChannelId;
        // A key that is pressed before anything is said leads nowhere.
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Any(play => play.Target.EndsWith(caller, StringComparison.Ordinal)), "a playback");
        _world.Asterisk.Dtmf(caller, '1');
        await _world.PassUntilAsync(() => wished && _world.Asterisk.Channel(caller)!.HasMoh, "somebody who waits for a line");
        // Not by the clock: a phone that has waited for a line for too long asks anew a moment later, and others may come first.
        _world.Asterisk.Hangup(_world.Asterisk.Originates.Single(o => o.ChannelId != caller).ChannelId);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 3, "a third call");

        Assert.Equal(Mobile, _world.Asterisk.Originates[2].Number);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 4, "the third person");
        Assert.Equal(2, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
        _world.Asterisk.Hangup(_world.Asterisk.Originates[3].ChannelId);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_mobile_is_rung_though_its_trunk_had_lost_its_place_and_carries_no_campaign()
    {
        await _world.MoveInAsync(5, 1000, Plan(Queue(RingStrategy.RingAll, new QueueMember(Number: Mobile, Trunk: "spare"))));
        await _world.Trunk("spare").Put(new TrunkSettings("127.0.0.1", 5071, 5, 1000));
        // As an activation that was cut off and came back finds it.
        await _world.AskAsync<long>("update owner set epoch = epoch + 1 where kind = 'trunk' and key = 'example/spare' returning epoch");
        _world.Asterisk.Script(Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        _world.Asterisk.Script(Mobile, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(12)));
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0 });
        await _world.UploadAsync("Anna," + Person);
        await TalkAsync();
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_linear_queue_rings_one_after_the_other()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        _world.Asterisk.Script("cellar", Subscriber.Answers(TimeSpan.FromSeconds(1)).HangsUpAfter(TimeSpan.FromSeconds(12)));
        await CallAsync(Queue(RingStrategy.Linear, s_office, s_cellar));
        await TalkAsync();

        var phones = _world.Asterisk.Originates.Skip(1).ToList();
        Assert.Equal(["office", "cellar"], phones.Select(o => o.Number));
        Assert.True(phones[1].At - phones[0].At >= TimeSpan.FromSeconds(10));
        await _world.NothingIsLeftAsync();
        Assert.Equal("cellar", Assert.Single(await _world.AttemptsAsync()).Operator);
    }

    [Fact]
    public async Task A_round_robin_queue_begins_behind_the_one_who_was_rung_last()
    {
        foreach (var phone in (string[])["office", "cellar"])
            _world.Asterisk.Script(phone, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(12)));
        await _world.MoveInAsync(5, 1000, Plan(Queue(RingStrategy.RoundRobin, s_office, s_cellar)));
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().Presses("1");
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new("main", 1)] });
        await _world.UploadAsync("Anna," + Person, "Boris,79161110002", "Clara,79161110003");
        await _world.VerdictsAsync(3);
        await _world.NothingIsLeftAsync();
        Assert.Equal(["office", "cellar", "office"], (await _world.AttemptsAsync()).Select(a => a.Operator));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_whom_nobody_answers_goes_on_after_the_longest_wait(bool musicGoesOn)
    {
        if (musicGoesOn)
        {
            _world.Around = call => call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.HoldMusic) && call.Request.GetArgument(1) is false
                ? throw new TimeoutException("Nobody answered.")
                : call.Invoke();
        }

        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        await CallAsync(Queue(RingStrategy.RingAll, s_office) with { MaxWait = TimeSpan.FromSeconds(30), GoTo = "200" }, ("200", new Playback { Audio = "pay" }));
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the playback behind the queue");
        var waited = _world.Asterisk.Plays[1].At - _world.Asterisk.Originates[1].At;
        Assert.InRange(waited, TimeSpan.FromSeconds(28), TimeSpan.FromSeconds(36));
        var caller = Assert.Single(_world.Asterisk.Channels, c => c.Number == Person);
        Assert.Equal(musicGoesOn, caller.HasMoh);
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[1].PlaybackId);
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_key_that_leads_nowhere_is_noted_and_silence_ends_the_call()
    {
        _world.Asterisk.PlaybackDuration = _ => TimeSpan.FromSeconds(3);
        _world.Asterisk.Script(Person, Subscriber.Answers().Presses("7#").After(TimeSpan.FromSeconds(2)));
        await CallAsync(Queue(RingStrategy.RingAll, s_office), presses: false);
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
        var attempt = Assert.Single(await _world.AttemptsAsync());
        Assert.Equal(("7#", (string?)null), (attempt.Keys, attempt.Operator));
        // 3 s of playback, 5 s of silence. Counted from the first sound: on a slow machine the clock runs on while the greeting is fetched.
        Assert.InRange(attempt.EndedAt!.Value - _world.Asterisk.Plays[0].At, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(13));
        Assert.Single(_world.Asterisk.Originates);
    }

    [Fact]
    public async Task An_operator_who_picks_up_when_nobody_is_there_any_more_is_not_left_in_silence()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        await CallAsync(Queue(RingStrategy.RingAll, s_office));
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 2, "a phone that rings");
        var (caller, phone) = (_world.Asterisk.Originates[0].ChannelId, _world.Asterisk.Originates[1].ChannelId);
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(caller));
        _world.Asterisk.Answer(phone);
        await _world.PassUntilAsync(() => _world.Asterisk.Channel(phone) is null, "a stray phone that is hung up");
        Assert.NotNull(_world.Asterisk.Channel(caller));
        _world.Asterisk.Hangup(caller);
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_look_at_the_node_from_before_a_mobile_was_rung_does_not_give_its_line_back()
    {
        _world.Asterisk.Script(Mobile, Subscriber.NoAnswer());
        await CallAsync(Queue(RingStrategy.RingAll, s_mobile));
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 2, "a mobile that rings");
        var caller = _world.Asterisk.Originates[0].ChannelId;
        var attempt = await _world.OpenAttemptAsync(caller);
        await _world.Grains.GetGrain<ICallGrain>(caller).Reconcile(
            attempt, new CallRemains(new Dictionary<string, bool> { [caller] = true }, false), attempt.StartedAt, afterGap: true, lastSeen: null);
        Assert.Equal(1L, await _world.AskAsync<long>("select count(*) from operator_leg where ended_at is null"));
        Assert.Equal(2, (await _world.Trunk().Status()).InUse);
    }

    [Fact]
    public async Task An_operator_who_picked_up_while_nobody_listened_has_the_caller()
    {
        _world.Asterisk.Script("office", Subscriber.NoAnswer());
        await CallAsync(Queue(RingStrategy.RingAll, s_office));
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 2, "a phone that rings");
        var (caller, phone) = (_world.Asterisk.Originates[0].ChannelId, _world.Asterisk.Originates[1].ChannelId);
        // What its silo had read, and took with it.
        var lost = false;
        _world.Around = call =>
        {
            if (call.InterfaceMethod.Name != nameof(ICallGrain.Happened))
                return call.Invoke();
            lost |= ((IReadOnlyList<CallEvent>)call.Request.GetArgument(0)!).Any(e => e is { Kind: CallEventKind.Entered } && e.Source == phone);
            return CallWorld.Swallow(call);
        };
        _world.Asterisk.Answer(phone);
        await _world.PassUntilAsync(() => lost, "an event that is lost");
        _world.Around = call => call.Invoke();
        var attempt = await _world.OpenAttemptAsync(caller);
        await _world.Grains.GetGrain<ICallGrain>(caller).Reconcile(
            attempt, new CallRemains(new Dictionary<string, bool> { [caller] = true, [phone] = true }, false), _world.Clock.GetUtcNow(),
            afterGap: true, lastSeen: null);
        _world.Asterisk.Hangup(await TalkAsync());
        await _world.VerdictsAsync(1);
        await _world.NothingIsLeftAsync();
        // No phone was rung a second time.
        Assert.Equal(2, _world.Asterisk.Originates.Count);
        Assert.Equal("office", Assert.Single(await _world.AttemptsAsync()).Operator);
    }

    [Fact]
    public async Task A_line_that_is_written_as_free_when_its_call_is_long_over_is_free()
    {
        _world.Asterisk.Script(Mobile, Subscriber.Answers());
        await CallAsync(Queue(RingStrategy.RingAll, s_mobile));
        var caller = await TalkAsync();
        await using (var slow = await _world.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var holding = await slow.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("select from operator_leg for update", slow, holding);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            _world.Asterisk.Hangup(_world.Asterisk.Originates[1].ChannelId);
            await _world.VerdictsAsync(1);
            await _world.IsGoneAsync(_world.Grains.GetGrain<ICallGrain>(caller));
            Assert.Equal(1, (await _world.Trunk().Status()).InUse);
        }

        // The clock stands still: the trunk's own look for lines that nobody uses comes later.
        await CallWorld.SeeAsync(async () => (await _world.Trunk().Status()).InUse == 0, "a line that is free");
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_line_of_a_mobile_whose_call_is_over_is_taken_until_its_end()
    {
        _world.Asterisk.Script(Mobile, Subscriber.NoAnswer());
        await CallAsync(Queue(RingStrategy.RingAll, s_mobile));
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 2, "a mobile that rings");
        var (caller, mobile) = (_world.Asterisk.Originates[0].ChannelId, _world.Asterisk.Originates[1].ChannelId);
        var call = _world.Grains.GetGrain<ICallGrain>(caller);
        // What its silo knew of the mobile is lost, and its caller is gone. The clock stands still: no look at the node hangs it up.
        await _world.Cluster.DeactivateAsync(call);
        await call.Happened([new CallEvent(CallEventKind.Destroyed, caller, _world.Clock.GetUtcNow(), Cause: 16)]);
        await _world.IsGoneAsync(call);
        await call.Happened([new CallEvent(CallEventKind.Entered, mobile, _world.Clock.GetUtcNow())]);
        Assert.Equal(1L, await _world.AskAsync<long>("select count(*) from operator_leg where ended_at is null"));
        Assert.Equal(1, (await _world.Trunk().Status()).InUse);

        _world.Asterisk.Hangup(mobile);
        await CallWorld.SeeAsync(async () => (await _world.Trunk().Status()).InUse == 0, "a line that is free");
    }

    [Fact]
    public async Task A_mobile_that_waited_for_a_line_in_vain_is_rung_when_its_caller_comes_back_to_the_queue()
    {
        await _world.MoveInAsync(1, 1000, Plan(
            Queue(RingStrategy.RingAll, s_mobile) with { MaxWait = TimeSpan.FromSeconds(5), GoTo = "200" },
            ("200", new Playback { Audio = "pay", WaitForInput = true, GoTo = "100*1" })));
        _world.Asterisk.Script(Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0, Trunks = [new("main", 1)] });
        await _world.UploadAsync("Anna," + Person);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "the playback behind the queue");
        // Longer than a mobile waits for a line.
        await _world.PassAsync(TimeSpan.FromSeconds(15));
        await _world.Trunk().Put(new TrunkSettings("127.0.0.1", 5070, 2, 1000));
        _world.Asterisk.FinishPlayback(_world.Asterisk.Plays[1].PlaybackId);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "a mobile that rings", TimeSpan.FromSeconds(9));
        Assert.Equal(Mobile, _world.Asterisk.Originates[1].Number);
    }

    private static OperatorQueue Queue(RingStrategy strategy, params QueueMember[] members) =>
        new() { Members = members, Strategy = strategy, RingTimeout = TimeSpan.FromSeconds(10) };

    private static (string, Extension)[] Plan(OperatorQueue queue, params (string, Extension)[] more) =>
        [("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", queue), .. more];

    private async Task CallAsync(OperatorQueue queue, params (string, Extension)[] more) => await CallAsync(queue, presses: true, more);

    private async Task CallAsync(OperatorQueue queue, bool presses, params (string, Extension)[] more)
    {
        if (presses)
            _world.Asterisk.Script(Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
        await _world.MoveInAsync(5, 1000, Plan(queue, more));
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0 });
        await _world.UploadAsync("Anna," + Person);
    }

    /// <summary>Waits until caller and operator are in a room; gives the caller's channel.</summary>
    private async Task<string> TalkAsync()
    {
        await _world.PassUntilAsync(() => _world.IsTalking, "a bridge with two channels");
        return _world.Asterisk.Originates[0].ChannelId;
    }
}
