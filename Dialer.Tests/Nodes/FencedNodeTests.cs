using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Nodes;
using Dialer.Grains.Trunks;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Orleans.Runtime;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>
/// A silo that was declared dead while it slept has requests in its buffers, and a socket that it would open again. By the time it wakes others
/// have done what was asked of it.
/// </summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class FencedNodeTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Busy = "79161110001";
    private const string Talks = "79161110002";
    private CallWorld _world = null!;

    /// <summary>What is heard of an answer that died with its silo.</summary>
    public static TheoryData<Exception> LostAnswers => [new SiloUnavailableException(), new OperationCanceledException()];

    private IAsteriskNodeGrain Node => _world.Grains.GetGrain<IAsteriskNodeGrain>(CallWorld.Node);

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.Script(Busy, Subscriber.Busy());
        _world.Asterisk.Script(Talks, Subscriber.Answers().HangsUpAfter(TimeSpan.FromMinutes(5)));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_call_that_is_asked_for_twice_rings_once_also_where_it_is_over_by_then()
    {
        await _world.MoveInAsync();
        var (over, running) = (Order(Busy), Order(Talks));
        Assert.Equal((NodeAnswer.Done, NodeAnswer.Done), (await Node.Originate(over), await Node.Originate(running)));
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 1, "the end of the busy one");
        Assert.Equal((NodeAnswer.Done, NodeAnswer.Done), (await Node.Originate(over), await Node.Originate(running with { Again = true })));
        Assert.Equal(2, _world.Asterisk.Originates.Count);
    }

    [Fact]
    public async Task A_call_that_is_asked_for_again_while_its_first_order_waits_for_the_node_is_that_call()
    {
        await _world.MoveInAsync();
        var held = await LoseNodeAsync();
        var order = Order(Talks);
        var first = Node.Originate(order);
        await CallWorld.SeeAsync(async () => (await Node.Ping()).Calls == 1, "the first order");
        // As a call asks whose first order was passed on by a silo that ended then.
        var again = Node.Originate(order with { Again = true });
        await CallWorld.SeeAsync(() => held.IsHeld, "a node that is being prepared");
        held.LetGo();
        // Without a step of the clock: an order that has waited is asked about.
        await CallWorld.SeeAsync(() => first.IsCompleted && again.IsCompleted, "both answers");
        Assert.Equal((NodeAnswer.Done, NodeAnswer.Done), (await first, await again));
        Assert.Equal(order.ChannelId, Assert.Single(_world.Asterisk.Originates).ChannelId);
    }

    [Fact]
    public async Task A_call_that_the_owner_before_may_have_placed_is_only_looked_for()
    {
        await _world.MoveInAsync();
        var over = Order(Busy);
        await Node.Originate(over);
        await _world.PassUntilAsync(() => _world.Asterisk.Channels.Count == 0, "its end");
        await _world.Cluster.DeactivateAsync(Node);
        await CallWorld.SeeAsync(async () => (await Node.Ping()).Connected, "a node that has an owner again");
        // Not before the owner before, if it only sleeps, has lost its place for certain.
        var answer = Node.Originate(over with { Again = true });
        await _world.PassUntilAsync(() => answer.IsCompleted, "an answer");
        Assert.Equal(NodeAnswer.NotSent, await answer);
        Assert.Single(_world.Asterisk.Originates);
    }

    [Theory, MemberData(nameof(LostAnswers))]
    public async Task A_call_whose_silo_died_while_it_was_asked_is_asked_for_as_one_that_may_be_there(Exception lost)
    {
        var asked = new List<bool>();
        _world.Around = async call =>
        {
            await call.Invoke();
            if (call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Originate) && call.Request.GetArgument(0) is OriginateOrder order)
            {
                lock (asked)
                {
                    asked.Add(order.Again);
                    if (asked.Count == 1)
                        throw lost;
                }
            }
        };
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna," + Busy);
        // Its node lives, and knows that it has placed it.
        Assert.Equal(Verdict.Busy, (await _world.VerdictsAsync(1))[0]);
        Assert.Equal([false, true], asked);
        Assert.Single(_world.Asterisk.Originates);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Who_slept_while_another_took_the_node_places_no_call_though_its_socket_is_open()
    {
        await _world.MoveInAsync();
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Originate))
            {
                await TakeNodeAsync();
                _world.Clock.Advance(TimeSpan.FromSeconds(4));
            }

            await call.Invoke();
        };
        Assert.Equal(NodeAnswer.NotSent, await Node.Originate(Order(Talks)));
        Assert.Empty(_world.Asterisk.Originates);
    }

    [Fact]
    public async Task Who_slept_and_is_the_owner_still_places_its_call()
    {
        await _world.MoveInAsync();
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Originate))
                _world.Clock.Advance(TimeSpan.FromSeconds(4));
            await call.Invoke();
        };
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna," + Busy);
        Assert.Equal(Verdict.Busy, (await _world.VerdictsAsync(1))[0]);
        Assert.Single(_world.Asterisk.Originates);
    }

    [Fact]
    public async Task An_order_that_lay_with_a_silo_that_slept_is_too_late_once_its_attempt_has_ended()
    {
        await _world.MoveInAsync();
        var inTime = Order(Talks);
        var late = Order(Talks) with { At = inTime.At - TimeSpan.FromMinutes(1) };
        Assert.Equal((NodeAnswer.NotSent, NodeAnswer.Done), (await Node.Originate(late), await Node.Originate(inTime)));
        Assert.Equal(inTime.ChannelId, Assert.Single(_world.Asterisk.Originates).ChannelId);
    }

    [Fact]
    public async Task An_order_that_became_late_while_its_node_was_being_prepared_is_too_late_once_its_attempt_has_ended()
    {
        await _world.MoveInAsync();
        var held = await LoseNodeAsync();
        // In time when it comes; nobody has an attempt of that id open when it could be placed.
        var order = Order(Talks);
        var answer = Node.Originate(order with { At = order.At - TimeSpan.FromSeconds(2) });
        await _world.PassUntilAsync(() => answer.IsCompleted, "an answer");
        held.LetGo();
        Assert.Equal(NodeAnswer.NotSent, await answer);
        Assert.Empty(_world.Asterisk.Originates);
    }

    [Fact]
    public async Task Who_has_lost_a_node_does_not_take_its_socket_back()
    {
        await TakeNodeAsync();
        _world.Asterisk.DropSocket();
        // The clock stands still, so that the grain does not look at its place; a socket would be there within a tenth of a second.
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        Assert.Empty(_world.Asterisk.Applications);

        await _world.PassUntilAsync(() => _world.Asterisk.Applications.Count == 1, "a new owner's socket");
        await _world.NodesAreReadyAsync();
    }

    /// <summary>The node's socket breaks, and until the answer is let go the node is not told of its trunk again.</summary>
    private async Task<HeldAnswer> LoseNodeAsync()
    {
        var held = HeldAnswer.Of(_world, nameof(ITrunkLines.Spec), "example/main");
        _world.Asterisk.DropSocket();
        // The clock stands meanwhile: an order waits for a node that was lost only just now.
        await CallWorld.SeeAsync(async () => !(await Node.Ping()).Connected, "a node that was lost");
        return held;
    }

    private async Task TakeNodeAsync()
    {
        await using var command = _world.Database.CreateCommand("update owner set epoch = epoch + 1 where kind = 'node'");
        Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    private OriginateOrder Order(string number) =>
        new(Guid.NewGuid().ToString(), $"PJSIP/{number}@t.example.main", null, TimeSpan.FromSeconds(30), null, _world.Clock.GetUtcNow());
}
