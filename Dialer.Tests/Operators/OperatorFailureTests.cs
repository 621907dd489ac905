using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Nodes;
using Dialer.Grains.Operators;
using Dialer.Grains.Trunks;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Operators;

/// <summary>What dies on the way from the key to the operator: whoever pressed it is served all the same, and a talk goes on.</summary>
[Collection("call world")]
public sealed class OperatorFailureTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private static readonly QueueMember s_office = new(Operator: "office");
    private static readonly QueueMember s_mobile = new(Number: "79165550001", Trunk: "main");
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.Script("office", Subscriber.Answers());
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(1)));
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
        await _world.PassUntilAsync(async () => await _world.AskAsync<long>("select count(operator) from attempt") == 1, "an operator that is written");
        await _world.AskAsync<int>("update attempt set operator = null returning 1");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId));
        // Two looks at the node.
        await _world.PassAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(2, _world.Asterisk.ChannelsIn(Assert.Single(_world.Asterisk.Bridges))!.Count);
        Assert.Equal(2, _world.Asterisk.Originates.Count);

        _world.Asterisk.Hangup(_world.Asterisk.Originates[1].ChannelId);
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

    private void Refuse(string method, int times) => _world.Around = call =>
        call.InterfaceMethod.Name == method && Interlocked.Decrement(ref times) >= 0
            ? throw new SiloUnavailableException("The silo has just died.")
            : call.Invoke();

    private async Task CallAsync(params QueueMember[] members) => await _world.CallOneAsync(
        CallWorld.Debts, ("100", new Playback { Audio = "greeting", WaitForInput = true }),
        ("100*1", new OperatorQueue { Strategy = RingStrategy.RingAll, Members = [.. members], RingTimeout = TimeSpan.FromSeconds(20) }));

    private Task TalkAsync() => _world.PassUntilAsync(
        () => _world.Asterisk.Bridges is [var bridge] && _world.Asterisk.ChannelsIn(bridge)!.Count == 2, "a talk", TimeSpan.FromSeconds(15));
}
