using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Dialer.Silo.Hosting;

namespace Dialer.Silo.Nodes;

/// <summary>
/// Keeps every node's grain awake, on whichever silo is left, and this silo's knowledge of the nodes fresh. Where this silo has more of
/// them than another, it gives one away now and then.
/// </summary>
internal sealed class NodeWatchdog(
    AsteriskNodes nodes, SiloChanges changes, ISiloStatusOracle silos, TimeProvider time, ILogger<NodeWatchdog> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // Silos that come and go are left alone, and a move must be over before the next.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private HashSet<string> _silos = [];
    private long _changedAt = time.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.WhenAll(nodes.Ids.Select(id => Ask(id, stoppingToken)));
            await Spread();
            await changes.WaitAsync(Period, stoppingToken);
        }
    }

    private async Task Ask(string id, CancellationToken stoppingToken)
    {
        try
        {
            nodes.Note(await nodes.Get(id).Ping().WaitAsync(TimeSpan.FromSeconds(10), time, stoppingToken));
        }
        // A node that can't be asked is one that takes no calls; the next round asks again.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            DialerMetrics.GrainCallFailed("ping");
            logger.LogWarning("Node {Node} can't be asked: {Reason}", id, e.Message);
            nodes.NoteAway(id, e.Message);
        }
    }

    private async Task Spread()
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).ToHashSet(StringComparer.Ordinal);
        if (!active.SetEquals(_silos))
            (_silos, _changedAt) = (active, time.GetTimestamp());
        if (time.GetElapsedTime(_changedAt) < Quiet || NodeSpread.Next(nodes.Known, active, silos.SiloAddress.ToParsableString()) is not { } move)
            return;
        _changedAt = time.GetTimestamp();
        try
        {
            await nodes.Get(move.Node).MoveTo(move.Silo);
        }
        catch (Exception e) when (GrainCalls.WentUnanswered(e))
        {
            logger.LogWarning("Node {Node} could not be told to move: {Reason}", move.Node, e.Message);
        }
    }
}
