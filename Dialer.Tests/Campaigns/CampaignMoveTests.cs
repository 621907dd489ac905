using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Xunit;

namespace Dialer.Tests.Campaigns;

/// <summary>A campaign that is not at home, with its trunk, on two silos.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class CampaignMoveTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await CallWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_campaign_that_woke_elsewhere_goes_home_and_its_trunk_follows_while_both_call()
    {
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        var silos = _world.Cluster.Silos.Select(silo => silo.SiloAddress).ToList();
        var campaign = _world.Campaign();
        var home = CampaignHomes.Choose(((IAddressable)campaign).GetGrainId(), silos)!;
        var elsewhere = silos.Single(silo => !silo.Equals(home));
        await _world.MoveInAsync(3, 1000);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, elsewhere);
        await campaign.Put(CallWorld.Debts);
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        Assert.Equal(elsewhere, await AddressAsync(campaign));
        await _world.Cluster.DeactivateAsync(_world.Trunk());
        RequestContext.Set(IPlacementDirector.PlacementHintKey, elsewhere);
        await _world.Trunk().Status();
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        var people = Enumerable.Range(0, 30).Select(i => $"Person {i},791611101{i:00}").ToArray();
        await _world.UploadAsync(people);

        await _world.PassUntilAsync(async () => home.Equals(await AddressAsync(campaign)), "a campaign that is at home");
        Assert.True(_world.Asterisk.Originates.Count is > 0 and var before && before < people.Length, "It moved while it called.");
        await _world.PassUntilAsync(async () => home.Equals(await AddressAsync(_world.Trunk())), "its trunk at the same place");

        Assert.Equal(Enumerable.Repeat(Verdict.Success, people.Length), await _world.VerdictsAsync(people.Length));
        Assert.Equal(people.Length, _world.Asterisk.Originates.Select(o => o.Number).Distinct().Count());
        Assert.Equal(people.Length, _world.Asterisk.Originates.Count);
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
    }

    private Task<SiloAddress?> AddressAsync(IAddressable grain) =>
        _world.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain).AsTask();
}
