using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Grains.Campaigns;

/// <summary>What is kept of a campaign.</summary>
[GenerateSerializer, Alias("Dialer.CampaignState")]
public sealed record CampaignState
{
    [Id(0)] public CampaignSettings? Settings { get; set; }
}
