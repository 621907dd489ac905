using System.Threading.Channels;
using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.ClientSample;

/// <summary>
/// Takes a campaign's news and passes them on. The cluster knows it by a weak reference: whoever subscribes it must hold it.
/// </summary>
internal sealed class CampaignFollower : ICampaignObserver
{
    // Only the latest news matter; a slow reader must not make a queue of old ones.
    private readonly Channel<(CampaignStats Stats, CampaignStatus Status)> _news =
        Channel.CreateBounded<(CampaignStats, CampaignStatus)>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public Task Changed(string campaign, CampaignStats stats, CampaignStatus status)
    {
        _news.Writer.TryWrite((stats, status));
        return Task.CompletedTask;
    }

    /// <summary>The next news; they come at most once a second, and only when something changed.</summary>
    public ValueTask<(CampaignStats Stats, CampaignStatus Status)> NextAsync(CancellationToken cancellationToken) =>
        _news.Reader.ReadAsync(cancellationToken);
}
