using Dialer.Grains.Interfaces.Campaigns;
using Orleans.Runtime;

namespace Dialer.ClientSample;

/// <summary>Keeps a follower subscribed: renewed sooner than it expires, and taken away at the end.</summary>
internal sealed class Subscription : IAsyncDisposable
{
    // Thrice in the time after which a campaign forgets us: one lost renewal does no harm.
    private static readonly TimeSpan Renewal = CampaignObservation.Expiry / 3;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly ICampaignGrain _campaign;
    private readonly ICampaignObserver _reference;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    private Subscription(ICampaignGrain campaign, ICampaignObserver reference)
    {
        (_campaign, _reference) = (campaign, reference);
        _renewing = RenewAsync();
    }

    /// <summary>Subscribes; the present figures come at once.</summary>
    public static async Task<Subscription> StartAsync(IGrainFactory grains, ICampaignGrain campaign, CampaignFollower follower)
    {
        var reference = grains.CreateObjectReference<ICampaignObserver>(follower);
        await campaign.Subscribe(reference);
        return new Subscription(campaign, reference);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
        try
        {
            await _campaign.Unsubscribe(_reference);
        }
        // It expires by itself.
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
        }
    }

    private async Task RenewAsync()
    {
        var pause = Renewal;
        while (true)
        {
            try
            {
                await Task.Delay(pause, _stop.Token);
                await _campaign.Subscribe(_reference);
                pause = Renewal;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                await Console.Error.WriteLineAsync($"The cluster does not answer at the moment, trying again: {e.Message}");
                pause = AfterFailure;
            }
        }
    }
}
