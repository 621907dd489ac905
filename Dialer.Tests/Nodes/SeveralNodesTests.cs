using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Nodes;
using Dialer.Grains.Trunks;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Two nodes: one is drained, removed, away while things change, or cut off from a gateway.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class SeveralNodesTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Person = "79161110001";
    private CallWorld _world = null!;

    private FakeAsterisk First => _world.Asterisks[0];

    private FakeAsterisk Second => _world.Asterisks[1];

    private INodeDirectoryGrain Directory => _world.Grains.GetGrain<INodeDirectoryGrain>("all");

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres, nodes: 2);
        foreach (var asterisk in _world.Asterisks)
        {
            asterisk.PlaybackDuration = _ => null;
            asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        }
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_drained_node_gets_no_new_call_and_its_own_still_ring_their_operators_there()
    {
        await Directory.Drain(CallWorld.NodeId(1));
        First.Script(Person, Subscriber.Answers().Presses("1").After(TimeSpan.FromSeconds(10)));
        First.Script("office", Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(15)));
        await MoveInAsync(("100", new Playback { Audio = "greeting", WaitForInput = true }), ("100*1", new OperatorQueue { Members = [new(Operator: "office")] }));
        await _world.UploadAsync("Anna," + Person);
        await _world.PassUntilAsync(() => First.Plays.Count == 1, "a call on the first node");

        await Directory.Undrain(CallWorld.NodeId(1));
        Assert.Equal(NodeActivity.Draining, (await Directory.Drain(CallWorld.NodeId(0))).State);
        // As promised: no new call from any silo within two seconds.
        await _world.PassAsync(TimeSpan.FromSeconds(2));
        await _world.UploadAsync("debts", Dialer.Storage.Contacts.Lists.ListMode.Add, "Boris,79161110002", "Vera,79161110003", "Galina,79161110004");

        await _world.PassUntilAsync(
            async () => (await _world.AttemptsAsync()).Count(a => a.Verdict == Verdict.Success) == 4, "four people who have listened");
        Assert.Equal([Person, "office"], First.Originates.Select(o => o.Number));
        // The second node's socket may move to the other silo just then, by a clock that is twenty times as fast as what moves it.
        Assert.Equal(3, Second.Originates.Select(o => o.Number).Distinct().Count());
        await StateIsAsync(0, NodeActivity.Drained);
    }

    [Fact]
    public async Task Draining_outlives_the_nodes_grain_and_campaigns_say_that_no_node_is_left()
    {
        await Directory.Drain(CallWorld.NodeId(0));
        await Directory.Drain(CallWorld.NodeId(1));
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<IAsteriskNodeGrain>(CallWorld.NodeId(0)));
        await MoveInAsync();
        await _world.UploadAsync("Anna," + Person);
        await _world.PassAsync(TimeSpan.FromSeconds(5));
        await StateIsAsync(0, NodeActivity.Drained);
        Assert.Contains((await _world.Campaign().Status()).Reasons, r => r.Code == "noNode" && r.Detail.Contains("drained", StringComparison.Ordinal));
        Assert.Equal(0, First.Originates.Count + Second.Originates.Count);

        await Directory.Undrain(CallWorld.NodeId(0));
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        Assert.Single(First.Originates);
    }

    [Fact]
    public async Task Each_silo_comes_to_hear_one_of_two_nodes_and_no_call_notices_the_move()
    {
        await MoveInAsync();
        var people = Enumerable.Range(0, 12).Select(i => $"Person {i},791611101{i:00}").ToArray();
        await _world.UploadAsync(people);
        await _world.PassUntilAsync(
            async () => await Directory.List() is var all && all.All(n => n.Connected) && all.Select(n => n.Silo).Distinct().Count() == 2, "a node for each silo");

        Assert.Equal(Enumerable.Repeat(Verdict.Success, people.Length), await _world.VerdictsAsync(people.Length));
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task Who_keeps_the_nodes_awake_goes_on_where_another_silo_gives_up_what_it_was_asked()
    {
        // As a silo does with what it was about to pass on to one that has died.
        var (answersNothing, moves) = (true, 0);
        _world.Around = call =>
            (answersNothing && call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.Ping))
            || (call.InterfaceMethod.Name == nameof(IAsteriskNodeGrain.MoveTo) && Interlocked.Increment(ref moves) == 1)
                ? throw new OperationCanceledException() : call.Invoke();
        await _world.PassUntilAsync(
            () => _world.Cluster.Silos.All(silo => silo.ServiceProvider.GetRequiredService<AsteriskNodes>().Known.All(n => !n.Connected)), "nodes that do not answer");
        answersNothing = false;

        await _world.NodesAreReadyAsync();
        await _world.PassUntilAsync(async () => (await Directory.List()).Select(n => n.Silo).Distinct().Count() == 2, "a node for each silo");
        // None where they were apart from the beginning; the first is given up.
        Assert.NotEqual(1, moves);
    }

    [Fact]
    public async Task A_node_that_nobody_configured_cannot_be_drained() =>
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => Directory.Drain("somewhere"))).Refusal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_of_a_node_that_left_the_configuration_are_closed_and_its_lines_are_free(bool stillOwned)
    {
        await MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await _world.UploadAsync("Anna," + Person);
        var now = _world.Clock.GetUtcNow();
        // As it was left behind: a call in flight with its operator's mobile, and the silo that had the node.
        var owner = stillOwned ? _world.Cluster.Silos[0].SiloAddress.ToString() : "S127.0.0.1:1:1";
        await _world.AskAsync<int>($"""
            with claimed as (update contact set state = 1, claim_epoch = 1 returning campaign, id),
            begun as (insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at)
                select campaign, '{Guid.CreateVersion7(now)}', id, 0, 'Anna', '{Person}', 0, 'example/main', 'sold-node', '{now:O}' from claimed returning id),
            rung as (insert into operator_leg (id, call, trunk, node, started_at)
                select id || '~op1', id::text, 'example/main', 'sold-node', '{now:O}' from begun returning 1),
            owned as (insert into owner (kind, key, epoch, silo, seen_at) values ('node', 'sold-node', 1, '{owner}', '{now:O}') returning 1),
            counted as (update campaign_count set waiting = waiting - 1, calling = calling + 1 returning 1)
            select count(*)::int from begun
            """);
        await _world.Cluster.DeactivateAsync(_world.Trunk());
        await _world.PassUntilAsync(async () => (await _world.Trunk().Status()).InUse == 2, "lines that the old node's call holds");
        await _world.PassAsync(TimeSpan.FromSeconds(50));
        Assert.Equal(0L, await _world.AskAsync<long>("select count(*) from attempt where ended_at is not null"));
        if (stillOwned)
        {
            // Another silo still has it: it is in the middle of a change of the configuration, and its calls are looked after.
            await _world.PassAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(0L, await _world.AskAsync<long>("select count(*) from attempt where ended_at is not null"));
            return;
        }

        Assert.Equal([Verdict.Interrupted], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
        await _world.Campaign().Start();
        Assert.Equal([Verdict.Interrupted, Verdict.Success], await _world.VerdictsAsync(2));
    }

    [Fact]
    public async Task What_was_deleted_or_changed_while_a_node_was_away_is_right_there_afterwards()
    {
        await MoveInAsync();
        await _world.Trunk("spare").Put(new TrunkSettings("127.0.0.1", 5071));
        Assert.Contains("endpoint/t.example.spare", Second.DynamicConfig.Keys);
        Second.RefuseConnections = true;
        Second.DropSocket();
        await StateIsAsync(1, NodeActivity.Away);

        await _world.Trunk("spare").Delete();
        await _world.Customer.DeleteOperator("cellar");
        await _world.Trunk().Put(new TrunkSettings("127.0.0.1", 5072, 5, 1000));
        await _world.Customer.PutOperator("attic", new OperatorSettings("Attic", "example-password"));
        Assert.Contains("endpoint/t.example.spare", Second.DynamicConfig.Keys);
        Second.RefuseConnections = false;
        await StateIsAsync(1, NodeActivity.Connected);

        // One of them may just have moved, and is told everything anew.
        var there = Second.DynamicConfig;
        await _world.PassUntilAsync(
            () => (there = Second.DynamicConfig).Keys.Order(StringComparer.Ordinal).SequenceEqual(First.DynamicConfig.Keys.Order(StringComparer.Ordinal)), "two nodes that know the same");
        Assert.DoesNotContain(there.Keys, key => key.EndsWith("/t.example.spare", StringComparison.Ordinal) || key.EndsWith("/cellar", StringComparison.Ordinal));
        Assert.Equal("sip:127.0.0.1:5072", there["aor/t.example.main"]["contact"]);
        Assert.Contains("endpoint/attic", there.Keys);
    }

    [Fact]
    public async Task A_gateway_that_one_node_cannot_reach_is_not_down_and_its_calls_go_out_by_the_other()
    {
        First.EndpointState = _ => "offline";
        await MoveInAsync();
        await _world.PassUntilAsync(async () => (await _world.Trunk().Status()).LastProblem is not null, "a report of the first node");
        Assert.Equal(TrunkHealth.Up, (await _world.Trunk().Status()).Health);
        await _world.UploadAsync("Anna," + Person, "Boris,79161110002", "Vera,79161110003", "Galina,79161110004");
        await _world.VerdictsAsync(4);
        Assert.Equal((0, 4), (First.Originates.Count, Second.Originates.Count));

        Second.EndpointState = _ => "offline";
        await HealthIsAsync(TrunkHealth.Down);
        // A trunk that wakes anew is told again.
        await _world.Cluster.DeactivateAsync(_world.Trunk());
        await _world.PassAsync(TimeSpan.FromSeconds(11));
        await HealthIsAsync(TrunkHealth.Down);
        First.EndpointState = _ => "online";
        await HealthIsAsync(TrunkHealth.Up);
    }

    [Fact]
    public async Task A_trunk_that_could_not_be_told_that_its_gateway_answers_again_is_told_later()
    {
        First.EndpointState = _ => "offline";
        await MoveInAsync();
        await _world.PassUntilAsync(async () => (await _world.Trunk().Status()).LastProblem is not null, "a report of the first node");
        var refused = 0;
        _world.Around = call => call.InterfaceMethod.Name == nameof(ITrunkLines.Reported) && call.Request.GetArgument(1) is true
            && call.Request.GetArgument(0) is CallWorld.Node && Interlocked.Increment(ref refused) == 1
            ? throw new SiloUnavailableException("The silo has just died.")
            : call.Invoke();
        First.EndpointState = _ => "online";
        await _world.PassUntilAsync(async () => (await _world.Trunk().Status()).LastProblem is null, "a gateway that answers again");
        Assert.True(refused > 1);
    }

    [Fact]
    public async Task A_report_that_came_late_does_not_outlive_what_it_reported()
    {
        var (told, asked, late) = (false, 0, new TaskCompletionSource());
        _world.Around = async call =>
        {
            var isReport = call.InterfaceMethod.Name == nameof(ITrunkLines.Reported) && call.Request.GetArgument(0) is CallWorld.Node;
            if (isReport && call.Request.GetArgument(1) is false && Interlocked.Increment(ref asked) == 1)
                await late.Task;
            await call.Invoke();
            told |= isReport;
        };
        await MoveInAsync();
        await _world.PassUntilAsync(() => told, "a report that it answers");
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        First.EndpointState = _ => "offline";
        await _world.PassUntilAsync(() => asked > 0, "a report on its way");
        First.EndpointState = _ => "online";
        // Longer than the node waits for its answer.
        await _world.PassAsync(TimeSpan.FromSeconds(6));
        late.SetResult();
        await CallWorld.SeeAsync(async () => (await _world.Trunk().Status()).LastProblem is not null, "a trunk that believes the report");
        await _world.PassUntilAsync(async () => (await _world.Trunk().Status()).LastProblem is null, "a gateway that answers again");
    }

    [Fact]
    public async Task A_gateway_that_a_node_was_just_told_of_is_not_reported_silent_before_it_was_asked()
    {
        await MoveInAsync();
        var looks = 0;
        First.EndpointState = _ => Interlocked.Increment(ref looks) > 0 ? "offline" : "online";
        for (var seconds = 0; seconds < 25; seconds += 5)
        {
            await _world.Trunk().Put(new TrunkSettings("127.0.0.1", 5072, 5, 1000));
            await _world.PassAsync(TimeSpan.FromSeconds(5));
            Assert.Null((await _world.Trunk().Status()).LastProblem);
        }

        Assert.True(looks >= 2, $"The node was looked at {looks} times.");
        await _world.PassUntilAsync(async () => (await _world.Trunk().Status()).LastProblem is not null, "a report once it must have been asked");
    }

    private async Task MoveInAsync(params (string, Extension)[] plan)
    {
        await _world.MoveInAsync(5, 1000, plan);
        await _world.Campaign().Put(CallWorld.Debts);
    }

    private Task StateIsAsync(int node, NodeActivity state) => _world.PassUntilAsync(
        async () => (await Directory.List())[node].State == state, $"node {node} to be {state}");

    private Task HealthIsAsync(TrunkHealth health) => _world.PassUntilAsync(
        async () => (await _world.Trunk().Status()).Health == health, $"a trunk that is {health}");
}
