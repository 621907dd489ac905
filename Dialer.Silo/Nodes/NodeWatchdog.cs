using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Dialer.Silo.Hosting;

namespace Dialer.Silo.Nodes;

/// <summary>Keeps every node's grain awake, on whichever silo is left, and this silo's knowledge of the nodes fresh.</summary>
internal sealed class NodeWatchdog(AsteriskNodes nodes, SiloChanges changes, TimeProvider time, ILogger<NodeWatchdog> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.WhenAll(nodes.Ids.Select(Ask));
            await changes.WaitAsync(Period, stoppingToken);
        }
    }

    private async Task Ask(string id)
    {
        try
        {
            nodes.Note(await nodes.Get(id).Ping().WaitAsync(TimeSpan.FromSeconds(10), time));
        }
        // A node that can't be asked is one that takes no calls; the next round asks again.
        catch (Exception e)
        {
            DialerMetrics.GrainCallFailed("ping");
            logger.LogWarning("Node {Node} can't be asked: {Reason}", id, e.Message);
            nodes.NoteAway(id, e.Message);
        }
    }
}
