using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Nodes;
using Dialer.Grains.Trunks;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Trunks and phones on a node are in the end as they are stored, also where telling it fails for a moment or is overtaken.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class NodeTellingTests(PrivatePostgres postgres) : IAsyncLifetime
{
    // Told again each 10 s; the one after is not waited for.
    private static readonly TimeSpan s_nextTelling = TimeSpan.FromSeconds(18);
    private CallWorld _world = null!;

    private FakeAsterisk Asterisk => _world.Asterisk;

    private IAsteriskNodeGrain Node => _world.Grains.GetGrain<IAsteriskNodeGrain>(CallWorld.Node);

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        await _world.MoveInAsync();
        await _world.Trunk("spare").Put(At(5071));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task What_a_node_refused_for_a_moment_is_right_there_after_the_next_sweep()
    {
        Asterisk.Intercept = request => request.Method is "PUT" or "DELETE" ? FakeReply.Message(503, "not now") : null;
        await _world.Trunk().Put(At(5072));
        await _world.Trunk("spare").Delete();
        await _world.Customer.DeleteOperator("cellar");
        await _world.Customer.PutOperator("attic", new("Attic", "example-password"));
        Assert.Equal(("sip:127.0.0.1:5070", "sip:127.0.0.1:5071"), (Gateway("main"), Gateway("spare")));
        Asterisk.Intercept = null;

        await _world.PassAsync(TimeSpan.FromSeconds(21));
        Assert.Equal(("sip:127.0.0.1:5072", null), (Gateway("main"), Gateway("spare")));
        Assert.Equal(
            ["endpoint/attic", "endpoint/office", "endpoint/t.example.main"],
            Asterisk.DynamicConfig.Keys.Where(key => key.StartsWith("endpoint/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_node_refuses_for_ever_is_tried_each_minute_in_the_end()
    {
        Asterisk.Intercept = request => request.Method == "PUT" && request.Path.EndsWith("aor/t.example.main", StringComparison.Ordinal)
            ? FakeReply.Message(400, "no such thing") : null;
        await _world.Trunk().Put(At(5072));
        await _world.PassAsync(TimeSpan.FromMinutes(1));
        var before = Tried();
        for (var minute = 0; minute < 4; minute++)
            await _world.PassAsync(TimeSpan.FromMinutes(1));
        Assert.InRange(Tried() - before, 2, 5);
        Assert.Equal("sip:127.0.0.1:5071", Gateway("spare"));

        Asterisk.Intercept = null;
        // Whoever mends it does not wait.
        await _world.Trunk().Put(At(5073));
        Assert.Equal("sip:127.0.0.1:5073", Gateway("main"));
    }

    [Fact]
    public async Task Of_two_changes_the_later_one_stays_though_telling_of_the_first_takes_longer()
    {
        var before = Tried();
        var held = HeldAnswer.Of(_world, nameof(ITrunkLines.Spec), "example/main");
        await PassAsync(_world.Trunk().Put(At(5072)));
        Assert.True(held.IsHeld);
        await PassAsync(_world.Trunk().Put(At(5073)));
        held.LetGo();
        await _world.PassUntilAsync(() => Tried() == before + 2, "a node that was told of both");
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("sip:127.0.0.1:5073", Gateway("main"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_changes_while_a_node_is_being_prepared_is_so_afterwards(bool isDeleted)
    {
        var held = HeldAnswer.Of(_world, nameof(ITrunkLines.Spec), "example/spare");
        Asterisk.DropSocket();
        await _world.PassUntilAsync(() => held.IsHeld, "a node that is being prepared");
        await PassAsync(isDeleted ? _world.Trunk("spare").Delete() : _world.Trunk("spare").Put(At(5072)));
        held.LetGo();
        await _world.PassUntilAsync(async () => (await Node.Ping()).Connected, "a node that is ready");
        await _world.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(isDeleted ? null : "sip:127.0.0.1:5072", Gateway("spare"));
    }

    [Fact]
    public async Task A_node_that_is_lost_and_back_while_it_is_being_told_takes_no_calls_before_it_was_told_once_more()
    {
        var first = HeldAnswer.Of(_world, nameof(ITrunkLines.Spec), "example/spare");
        Asterisk.DropSocket();
        await _world.PassUntilAsync(() => first.IsHeld, "a node that is being told");
        var opened = Asterisk.SocketsOpened;
        Asterisk.DropSocket();
        await _world.PassUntilAsync(() => Asterisk.SocketsOpened > opened, "a node that is back");
        var second = HeldAnswer.Of(_world, nameof(ITrunkLines.Spec), "example/spare");
        first.LetGo();
        await _world.PassUntilAsync(() => second.IsHeld, "a node that is being told once more");
        await _world.PassAsync(TimeSpan.FromSeconds(2));
        Assert.False((await Node.Ping()).Connected);

        second.LetGo();
        await _world.PassUntilAsync(async () => (await Node.Ping()).Connected, "a node that is ready");
    }

    [Fact]
    public async Task A_trunk_is_made_anew_when_the_one_before_is_on_no_list_any_more()
    {
        var (looks, madeAfter) = (0, -1);
        Asterisk.Intercept = request =>
        {
            if (request.Path.EndsWith("endpoints/PJSIP/t.example.main", StringComparison.Ordinal) && ++looks <= 3)
                return new FakeReply(200, new System.Text.Json.Nodes.JsonObject
                {
                    ["technology"] = "PJSIP", ["resource"] = "t.example.main", ["state"] = "online", ["channel_ids"] = new System.Text.Json.Nodes.JsonArray(),
                });
            if (request.Method == "PUT" && request.Path.EndsWith("endpoint/t.example.main", StringComparison.Ordinal))
                madeAfter = looks;
            return null;
        };
        await _world.Trunk().Put(At(5072));
        Assert.Equal(4, madeAfter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_did_not_hear_of_a_change_is_told_again(bool isTrunk)
    {
        Lose(isTrunk, times: 1);
        await ChangeAsync(isTrunk);
        Assert.False(IsChanged(isTrunk));
        await _world.PassUntilAsync(() => IsChanged(isTrunk), "a node that knows", s_nextTelling);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_waits_ten_seconds_for_a_node_whose_silo_hangs_and_it_is_told_again(bool isTrunk)
    {
        var heard = 0;
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name == Telling(isTrunk) && Interlocked.Increment(ref heard) == 1)
                await hangs.Task;
            await call.Invoke();
        };
        // Orleans itself would wait for 20 s in this world.
        await ChangeAsync(isTrunk).WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.False(IsChanged(isTrunk));
        await _world.PassUntilAsync(() => IsChanged(isTrunk), "a node that knows", s_nextTelling);
        hangs.SetResult();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_stored_before_its_silo_died_is_told_all_the_same(bool isTrunk)
    {
        Lose(isTrunk);
        await ChangeAsync(isTrunk);
        await WakeAnewAsync();
        Assert.False(IsChanged(isTrunk));
        LoseNone();
        await _world.PassUntilAsync(() => IsChanged(isTrunk), "a node that knows", s_nextTelling);

        // And once is enough, when that is noted.
        await _world.PassAsync(TimeSpan.FromSeconds(11));
        var told = Asterisk.Requests.Count(r => r.Method == "PUT");
        await WakeAnewAsync();
        await _world.PassAsync(TimeSpan.FromSeconds(21));
        Assert.Equal(told, Asterisk.Requests.Count(r => r.Method == "PUT"));

        // As whoever uses it does.
        async Task WakeAnewAsync()
        {
            await _world.Cluster.DeactivateAsync(isTrunk ? _world.Trunk() : _world.Customer);
            Assert.NotNull(isTrunk ? await _world.Trunk().Get() : await _world.Customer.Get());
        }
    }

    [Fact]
    public async Task A_phone_that_was_deleted_before_its_silo_died_is_taken_away_and_its_name_is_free()
    {
        Lose(isTrunk: false);
        await _world.FailOnceAsync("sip_user", "delete", "true");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Customer.DeleteOperator("cellar"));
        await _world.Cluster.DeactivateAsync(_world.Customer);
        Assert.NotNull(await _world.Customer.Get());
        LoseNone();
        await _world.PassUntilAsync(() => !IsThere("cellar"), "a node that knows", s_nextTelling);
        await _world.PassUntilAsync(async () => await NamesAsync() == 1, "a name that is free");
    }

    [Fact]
    public async Task What_was_deleted_with_its_tenant_is_gone_from_a_node_that_did_not_hear_of_it()
    {
        await _world.Plan.PutAll(new Dictionary<string, Extension>());
        Lose(isTrunk: true);
        await _world.Trunk("spare").Delete();
        await _world.Trunk().Delete();
        Lose(isTrunk: false);
        await _world.FailOnceAsync("sip_user", "delete", "true");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Customer.Delete());
        await _world.Customer.Delete();
        Assert.True(IsThere("cellar") && IsThere("office") && IsThere("t.example.main"));

        LoseNone();
        await _world.PassUntilAsync(
            () => !Asterisk.DynamicConfig.Keys.Any(key => key.StartsWith("endpoint/", StringComparison.Ordinal)), "a node that knows", s_nextTelling);
        Assert.Equal(0, await NamesAsync());
        // And nothing is kept of them but the empty plan.
        await _world.PassUntilAsync(
            async () => await _world.AskAsync<long>("select count(*) from orleans_storage where grain_type in ('tenant', 'trunk') and payload is not null") == 0, "no notes");
    }

    private bool IsThere(string endpoint) => Asterisk.DynamicConfig.ContainsKey($"endpoint/{endpoint}");

    private Task<long> NamesAsync() => _world.AskAsync<long>("select count(*) from sip_user");

    private void Lose(bool isTrunk, int times = int.MaxValue)
    {
        var lost = 0;
        _world.Around = call => call.InterfaceMethod.Name == Telling(isTrunk) && Interlocked.Increment(ref lost) <= times ? throw new SiloUnavailableException("Its silo has just died.") : call.Invoke();
    }

    private static string Telling(bool isTrunk) => isTrunk ? nameof(IAsteriskNodeGrain.TrunkChanged) : nameof(IAsteriskNodeGrain.PhoneChanged);

    private void LoseNone() => _world.Around = call => call.Invoke();

    private Task ChangeAsync(bool isTrunk) => isTrunk ? _world.Trunk().Put(At(5072)) : _world.Customer.PutOperator("office", new("Office", "another-password"));

    private bool IsChanged(bool isTrunk) => isTrunk
        ? Gateway("main") == "sip:127.0.0.1:5072"
        : Asterisk.DynamicConfig.GetValueOrDefault("auth/office")?["password"] == "another-password";

    private static TrunkSettings At(int port) => new("127.0.0.1", port, 5, 1000);

    private string? Gateway(string trunk) => Asterisk.DynamicConfig.GetValueOrDefault($"aor/t.example.{trunk}")?["contact"];

    private int Tried() => Asterisk.Requests.Count(r => r.Method == "PUT" && r.Path.EndsWith("aor/t.example.main", StringComparison.Ordinal));

    private async Task PassAsync(Task change)
    {
        await _world.PassUntilAsync(() => change.IsCompleted, "a change that is stored");
        await change;
    }
}
