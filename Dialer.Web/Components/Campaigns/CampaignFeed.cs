using Dialer.Grains.Interfaces;

namespace Dialer.Web.Components.Campaigns;

/// <summary>
/// Live figures of campaigns for all circuits of this process. A campaign is followed once, however many pages show it, and only
/// while one does.
/// </summary>
public sealed class CampaignFeed(IClusterClient cluster, TimeProvider clock, ILogger<CampaignFeed> log) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FollowedCampaign> _followed = [];

    /// <summary>Calls <paramref name="changed"/> with the latest figures at once, and then with new ones at most once a second, on no particular thread.</summary>
    /// <returns>Ends the subscription.</returns>
    public IDisposable Follow(string tenant, string campaign, Action<CampaignFigures> changed)
    {
        var key = Keys.Of(tenant, campaign);
        // The language of a circuit is in its execution context; news come from elsewhere, and would be told in another's.
        var mine = ExecutionContext.Capture();
        Action<CampaignFigures> told = mine is null ? changed : figures => ExecutionContext.Run(mine, _ => changed(figures), null);
        lock (_lock)
        {
            if (!_followed.TryGetValue(key, out var followed))
                _followed[key] = followed = new FollowedCampaign(cluster, key, clock, log);
            return followed.Add(told, () => Leave(key, followed));
        }
    }

    /// <summary>Asks a campaign now, after a command, instead of waiting for its next word.</summary>
    public Task Refresh(string tenant, string campaign)
    {
        FollowedCampaign? followed;
        lock (_lock)
            _followed.TryGetValue(Keys.Of(tenant, campaign), out followed);
        return followed?.Ask() ?? Task.CompletedTask;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var followed in _followed.Values)
                followed.Dispose();
            _followed.Clear();
        }
    }

    private void Leave(string key, FollowedCampaign followed)
    {
        lock (_lock)
        {
            if (!followed.IsAbandoned || !_followed.TryGetValue(key, out var present) || present != followed)
                return;
            _followed.Remove(key);
            followed.Dispose();
        }
    }
}
