using Dialer.Grains.Interfaces.Tenants;

namespace Dialer.Web.Hosting;

/// <summary>
/// Knocks while no silo can be reached. The Orleans client opens a connection only when there is something to send, and everything
/// else asks <see cref="ClusterConnection"/> first: without this, a silo that is back would be found after a minute.
/// </summary>
internal sealed class ClusterProbe(ClusterConnection connection, IClusterClient client, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await Tick(timer, stoppingToken))
        {
            if (!connection.IsLost)
                continue;
            try
            {
                await client.GetGrain<ITenantDirectoryGrain>("all").List().WaitAsync(Patience, time, stoppingToken);
                connection.GatewaysChanged(1);
            }
            // Still nobody there, or somebody who is not ready yet, or just going: knock again. Whatever it is, the web does not end of it.
            catch (Exception)
            {
            }
        }
    }

    // False when the web stops: an orderly end is nothing to log.
    private static async Task<bool> Tick(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
