using Dialer.Grains.Campaigns;
using Dialer.Silo.Hosting;
using Dialer.Storage.Campaigns;

namespace Dialer.Silo.Campaigns;

/// <summary>
/// Brings campaigns back within seconds after the silo that had them is gone; their reminders would take a minute. A campaign that is
/// awake takes it as a tap on the shoulder.
/// </summary>
internal sealed class CampaignWakeUp(CampaignTable campaigns, IGrainFactory grains, SiloChanges changes, ILogger<CampaignWakeUp> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                foreach (var key in await campaigns.EnabledAsync(stoppingToken))
                    await grains.GetGrain<ICampaignLines>(key).Wake().WaitAsync(stoppingToken);
            }
            // The database may be away, or a silo has just died: the next round tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("Running campaigns can't be looked after: {Reason}", e.Message);
            }

            await changes.WaitAsync(Period, stoppingToken);
        }
    }
}
