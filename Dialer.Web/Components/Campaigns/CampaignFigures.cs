using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Web.Components.Campaigns;

/// <summary>What a page shows of a campaign, and when that was true.</summary>
public sealed record CampaignFigures(CampaignStats Stats, CampaignStatus Status, DateTimeOffset At);
