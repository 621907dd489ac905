using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Tenants;
using Dialer.Tests.Calls;
using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.State;

/// <summary>A command whose write failed has not happened, and does happen when it is given again.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class FailedWriteTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private static readonly TrunkSettings Spare = new("127.0.0.1", 5071);
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        await _world.MoveInAsync();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_pause_that_was_not_stored_is_when_it_is_asked_for_again()
    {
        await _world.Campaign().Put(CallWorld.Debts);
        await LoseWriteOfAsync("campaign");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Pause());
        Assert.True((await _world.Campaign().Get())!.Enabled);

        await _world.Campaign().Pause();

        await _world.Cluster.DeactivateAsync(_world.Campaign());
        Assert.False((await _world.Campaign().Get())!.Enabled);
    }

    [Fact]
    public async Task A_start_that_nobody_would_wake_up_for_is_none()
    {
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await _world.FailOnceAsync("campaign", "update", "new.enabled");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Start());
        Assert.False((await _world.Campaign().Get())!.Enabled);

        await _world.Campaign().Start();

        Assert.True((await _world.Campaign().Get())!.Enabled);
        Assert.True(await IsWokenAsync());
    }

    [Fact]
    public async Task A_start_that_was_noted_but_not_stored_is_forgotten()
    {
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await LoseWriteOfAsync("campaign");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Start());

        await _world.PassUntilAsync(async () => !await IsWokenAsync(), "a campaign that is left alone");

        Assert.False((await _world.Campaign().Get())!.Enabled);
    }

    [Fact]
    public async Task A_trunk_that_was_put_twice_over_an_error_is_in_its_tenants_list()
    {
        await LoseWriteOfAsync("tenant");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Trunk("spare").Put(Spare));

        await _world.Trunk("spare").Put(Spare);

        await _world.Cluster.DeactivateAsync(_world.Customer);
        Assert.Equal(["main", "spare"], await _world.Customer.Trunks());
    }

    [Fact]
    public async Task A_node_that_was_to_be_drained_is_when_it_is_asked_for_again()
    {
        var nodes = _world.Grains.GetGrain<INodeDirectoryGrain>("all");
        await LoseWriteOfAsync("node");
        await Assert.ThrowsAnyAsync<Exception>(() => nodes.Drain(CallWorld.Node));
        Assert.Equal(NodeActivity.Connected, Assert.Single(await nodes.List()).State);

        await nodes.Drain(CallWorld.Node);

        Assert.Equal(1L, await _world.AskAsync<long>("select count(*) from orleans_storage where grain_type = 'node'"));
    }

    [Fact]
    public async Task A_command_after_a_write_whose_answer_was_lost_is_done_at_the_latest_when_it_is_given_again()
    {
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.DoAsync("update orleans_storage set version = version + 1 where grain_type = 'campaign'");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Pause());

        await _world.Campaign().Pause();

        await _world.Cluster.DeactivateAsync(_world.Campaign());
        Assert.False((await _world.Campaign().Get())!.Enabled);
    }

    [Fact]
    public async Task What_is_being_stored_is_not_shown_before_it_is()
    {
        var before = await _world.Plan.Snapshot();
        Task change;
        await using (var connection = await _world.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using (var held = new NpgsqlCommand("select from orleans_storage where grain_type = 'dialplan' for update", connection))
                await held.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            change = _world.Plan.Put("100", new Playback { Audio = "pay" });
            await CallWorld.SeeAsync(async () => await _world.AskAsync<long>(PrivatePostgres.CountWaiting) > 0, "a write that waits");
            Assert.Equal(before.Version, (await _world.Plan.Snapshot()).Version);
            Assert.Equal(before.Version, await _world.Plan.Version());
            Assert.Equal("greeting", Assert.IsType<Playback>((await _world.Plan.List())["100"]).Audio);
        }

        await change;
        Assert.Equal(before.Version + 1, (await _world.Plan.Snapshot()).Version);
    }

    [Fact]
    public async Task Who_could_not_store_goes_on_with_what_is_stored_while_the_database_is_away()
    {
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.DoAsync("alter table orleans_storage rename to away");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Customer.Put(new TenantSettings("Another")));
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Pause());

        Assert.Equal("Example", (await _world.Customer.Get())!.Name);
        Assert.NotNull(await _world.Grains.GetGrain<ITenantParts>(CallWorld.Tenant).SipUser("office"));
        Assert.True((await _world.Campaign().Get())!.Enabled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_deleted_by_half_does_not_keep_its_tenant_for_ever(bool campaign)
    {
        if (campaign)
            await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await LoseWriteOfAsync("tenant");
        await Assert.ThrowsAnyAsync<Exception>(DeleteAsync);

        // It is gone already, and so it says.
        var refused = await Assert.ThrowsAsync<RefusedException>(DeleteAsync);

        Assert.Equal(Refusal.NotFound, refused.Refusal);
        await _world.Cluster.DeactivateAsync(_world.Customer);
        Assert.Empty(campaign ? await _world.Customer.Campaigns() : await _world.Customer.Trunks());

        Task DeleteAsync() => campaign ? _world.Campaign().Delete() : _world.Trunk().Delete();
    }

    [Fact]
    public async Task A_tenant_that_was_deleted_by_half_is_not_listed_for_ever()
    {
        await _world.Trunk().Delete();
        await _world.FailOnceAsync("tenant", "delete", "true");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Customer.Delete());

        await Assert.ThrowsAsync<RefusedException>(() => _world.Customer.Delete());

        Assert.Empty(await _world.Grains.GetGrain<ITenantDirectoryGrain>("all").List());
    }

    private Task<bool> IsWokenAsync() => _world.AskAsync<bool>("select bool_or(enabled) from campaign");

    private Task LoseWriteOfAsync(string state) => _world.FailOnceAsync("orleans_storage", "insert or update", $"new.grain_type = '{state}'");
}
