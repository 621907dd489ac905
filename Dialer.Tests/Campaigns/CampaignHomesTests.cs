using Dialer.Grains.Campaigns;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Xunit;

namespace Dialer.Tests.Campaigns;

/// <summary>Which silo a campaign likes best, and when it goes there.</summary>
public sealed class CampaignHomesTests
{
    private const int Many = 1000;

    [Fact]
    public void Many_campaigns_are_spread_evenly()
    {
        var counts = Enumerable.Range(0, Many).CountBy(i => CampaignHomes.Choose(Campaign(i), Silos(4))!).ToList();
        Assert.Equal(4, counts.Count);
        Assert.All(counts, silo => Assert.InRange(silo.Value, 200, 300));
    }

    [Fact]
    public void When_a_silo_comes_only_those_move_that_move_to_it_and_when_it_goes_they_move_back()
    {
        var (few, more) = (Silos(3), Silos(4));
        var moved = Enumerable.Range(0, Many).Select(Campaign)
            .Where(campaign => !CampaignHomes.Choose(campaign, few)!.Equals(CampaignHomes.Choose(campaign, more))).ToList();
        Assert.InRange(moved.Count, 200, 300);
        Assert.All(moved, campaign => Assert.Equal(more[^1], CampaignHomes.Choose(campaign, more)));
    }

    [Fact]
    public void The_order_in_which_silos_are_named_does_not_matter() => Assert.All(
        Enumerable.Range(0, Many).Select(Campaign),
        campaign => Assert.Equal(CampaignHomes.Choose(campaign, Silos(4)), CampaignHomes.Choose(campaign, Silos(4).Reverse())));

    [Fact]
    public void Without_a_silo_there_is_no_home() => Assert.Null(CampaignHomes.Choose(Campaign(1), []));

    [Fact]
    public void A_campaign_that_is_not_at_home_goes_there_when_no_silo_has_come_or_gone_for_ten_seconds()
    {
        var (silos, clock) = (Silos(3), new FakeTimeProvider());
        var oracle = new Oracle(silos[0], silos[..2]);
        var homes = new CampaignHomes(oracle, clock);
        // It likes the third silo best and then the second; the other likes this one best.
        var moving = Campaigns(silo: silos[2], of: silos).First(campaign => silos[1].Equals(CampaignHomes.Choose(campaign, silos[..2])));
        var staying = Campaigns(silo: silos[0], of: silos).First();
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Null(homes.Elsewhere(moving));
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(silos[1], homes.Elsewhere(moving));

        oracle.Tell(silos[2], SiloStatus.Active);
        Assert.Null(homes.Elsewhere(moving));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(silos[2], homes.Elsewhere(moving));

        // Told twice, it is there once.
        oracle.Tell(silos[2], SiloStatus.Active);
        oracle.Tell(silos[2], SiloStatus.ShuttingDown);
        Assert.Null(homes.Elsewhere(moving));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(silos[1], homes.Elsewhere(moving));
        Assert.Null(homes.Elsewhere(staying));
    }

    private static IEnumerable<GrainId> Campaigns(SiloAddress silo, SiloAddress[] of) =>
        Enumerable.Range(0, Many).Select(Campaign).Where(campaign => silo.Equals(CampaignHomes.Choose(campaign, of)));

    private static GrainId Campaign(int number) => GrainId.Create("campaign", $"example/{number}");

    private static SiloAddress[] Silos(int count) => [.. Enumerable.Range(0, count).Select(i => SiloAddress.FromParsableString($"127.0.0.1:{11111 + i}@{500 + i}"))];

    /// <summary>What a silo knows of the others.</summary>
    private sealed class Oracle(SiloAddress here, SiloAddress[] active) : ISiloStatusOracle
    {
        private ISiloStatusListener? _listener;

        public SiloStatus CurrentStatus => SiloStatus.Active;

        public string SiloName => "here";

        public SiloAddress SiloAddress => here;

        public void Tell(SiloAddress silo, SiloStatus status) => _listener!.SiloStatusChangeNotification(silo, status);

        public bool SubscribeToSiloStatusEvents(ISiloStatusListener observer) => (_listener = observer) is not null;

        public bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer) => throw new NotSupportedException();

        public Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false) =>
            onlyActive ? active.ToDictionary(silo => silo, _ => SiloStatus.Active) : throw new NotSupportedException();

        public SiloAddress[] GetActiveSilos() => throw new NotSupportedException();

        public SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress) => throw new NotSupportedException();

        public bool TryGetSiloName(SiloAddress siloAddress, out string siloName) => throw new NotSupportedException();

        public bool IsFunctionalDirectory(SiloAddress siloAddress) => throw new NotSupportedException();

        public bool IsDeadSilo(SiloAddress silo) => throw new NotSupportedException();
    }
}
