using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Grains.Campaigns;

/// <summary>What is kept of a campaign.</summary>
[GenerateSerializer, Alias("Dialer.CampaignState")]
public sealed record CampaignState
{
    [Id(0)] public CampaignSettings? Settings { get; init; }

    /// <summary>The hours have changed, and contacts that were told to wait for the old ones are not asked anew yet.</summary>
    [Id(1)] public bool MustRevise { get; init; }
}
