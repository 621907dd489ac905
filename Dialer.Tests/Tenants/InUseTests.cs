using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Tests.Calls;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Tenants;

/// <summary>What something else uses can't be taken away, and the refusal names the user.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class InUseTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await CallWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task What_is_in_use_is_kept_and_the_refusal_names_its_user()
    {
        var queue = new OperatorQueue { Members = [new(Operator: "office"), new(Number: "79165550001", Trunk: "spare")] };
        await _world.MoveInAsync(5, 1000, ("100", new Playback { Audio = "greeting", GoTo = "200" }), ("200", queue));
        await _world.Trunk("spare").Put(new("127.0.0.1", 5071, 2, 10));
        await _world.Campaign().Put(CallWorld.Debts);

        await RefusedAsync(() => _world.Trunk().Delete(), "debts");
        await RefusedAsync(() => _world.Trunk("spare").Delete(), "200");
        await RefusedAsync(() => _world.Customer.DeleteAudio("greeting"), "100");
        await RefusedAsync(() => _world.Customer.DeleteOperator("office"), "200");
        await RefusedAsync(() => _world.Plan.Delete("200"), "100");
        await RefusedAsync(() => _world.Plan.Delete("100"), "debts");
        await RefusedAsync(() => _world.Campaign().Delete(), "enabled");
        await RefusedAsync(() => _world.Customer.Delete(), "debts");

        await _world.Campaign().Pause();
        await _world.Campaign().Delete();
        await _world.Trunk().Delete();
        await _world.Plan.PutAll(new Dictionary<string, Extension>());
        await _world.Trunk("spare").Delete();
        await _world.Customer.DeleteAudio("greeting");
        await _world.Customer.Delete();
        Assert.Empty(await _world.Grains.GetGrain<ITenantDirectoryGrain>("all").List());
        Assert.Null(await _world.Campaign().Get());
        await _world.PassUntilAsync(() => !_world.Asterisk.DynamicConfig.Keys.Any(k => k.StartsWith("endpoint/", StringComparison.Ordinal)), "an empty Asterisk");
    }

    [Fact]
    public async Task A_campaign_with_a_running_call_is_kept_until_the_call_has_ended()
    {
        _world.Asterisk.PlaybackDuration = _ => null;
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna,79161110001");
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a call");
        await _world.Campaign().Pause();
        await RefusedAsync(() => _world.Campaign().Delete(), "1 calls");
        _world.Asterisk.Hangup(_world.Asterisk.Originates[0].ChannelId);
        await _world.VerdictsAsync(1);
        await _world.Campaign().Delete();
        Assert.Equal(0L, await _world.AskAsync<long>("select (select count(*) from contact) + (select count(*) from attempt) + (select count(*) from campaign)"));
    }

    [Fact]
    public async Task A_campaign_that_is_made_again_after_its_removal_is_another_one()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        var before = await _world.Campaign().Number();
        await _world.Campaign().Delete();
        await _world.Campaign().Put(CallWorld.Debts);
        Assert.NotEqual(before, await _world.Campaign().Number());
        Assert.Equal(await _world.Campaign().Number(), await _world.AskAsync<int>("select no from campaign where enabled"));
    }

    [Fact]
    public async Task An_extension_is_deleted_while_the_campaigns_sleep()
    {
        await _world.MoveInAsync(5, 1000, ("100", new Playback { Audio = "greeting" }), ("200", new Playback { Audio = "pay" }));
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await _world.Cluster.DeactivateAsync(_world.Campaign());
        // The campaign that is asked whether it uses 200 wakes up for it, and reads the plan before it answers.
        await _world.Plan.Delete("200").WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(["100"], (await _world.Plan.List()).Keys);
    }

    [Fact]
    public async Task An_extension_that_would_break_the_plan_is_refused_as_a_whole()
    {
        await _world.MoveInAsync();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => _world.Plan.Put("300", new Playback { Audio = "greeting", GoTo = "301" }));
        Assert.Equal((Refusal.Invalid, "goTo"), (refused.Refusal, refused.Field));
        Assert.Equal(["100"], (await _world.Plan.List()).Keys);
    }

    [Fact]
    public async Task A_campaign_needs_an_extension_and_a_tenant_that_exist()
    {
        await _world.MoveInAsync();
        var entry = await Assert.ThrowsAsync<RefusedException>(() => _world.Campaign().Put(CallWorld.Debts with { Entry = "999" }));
        Assert.Equal((Refusal.Invalid, "entry"), (entry.Refusal, entry.Field));
        var tenant = await Assert.ThrowsAsync<RefusedException>(() => _world.Grains.GetGrain<ICampaignGrain>("nobody/debts").Put(CallWorld.Debts));
        Assert.Equal(Refusal.NotFound, tenant.Refusal);
        Assert.Null(await _world.Campaign().Get());
    }

    private static async Task RefusedAsync(Func<Task> command, string user)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(command);
        Assert.Equal(Refusal.Conflict, refused.Refusal);
        Assert.Contains(user, refused.Message, StringComparison.Ordinal);
    }
}
