using Dialer.Grains.Nodes;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;

namespace Dialer.Silo.Nodes;

/// <summary>
/// Closes what is left in flight on nodes that were taken out of the configuration. Nobody connects to them any more, so nobody would
/// reconcile their attempts: their contacts would wait, and their lines be taken, for ever.
/// </summary>
internal sealed class UnconfiguredNodes(
    AsteriskNodes nodes, OpenAttempts open, Owners owners, NodeReconciliation reconciliation, ISiloStatusOracle silos, TimeProvider time,
    ILogger<UnconfiguredNodes> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    // While the configuration is changed one silo after the other, a node's owner may be restarting: it takes the node again by then.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, DateTimeOffset> _ownerless = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            // The database may be away; the next round tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("Calls of nodes that are no longer configured can't be looked for: {Reason}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var gone = new List<string>();
        foreach (var node in (await open.NodesAsync(cancellationToken)).Where(node => nodes.Settings(node) is null))
            if (await owners.SiloAsync(Owners.Node, node, cancellationToken) is not { } owner || !Lives(owner))
                gone.Add(node);
        foreach (var node in _ownerless.Keys.Except(gone).ToList())
            _ownerless.Remove(node);
        foreach (var node in gone)
        {
            if (!_ownerless.TryGetValue(node, out var since))
                _ownerless[node] = now;
            else if (now - since >= Patience)
            {
                logger.LogWarning("Node {Node} is in the configuration of no silo; the calls that it had are closed", node);
                await reconciliation.CloseAllAsync(node, await owners.LastSeenAsync(Owners.Node, node, cancellationToken), cancellationToken);
            }
        }
    }

    private bool Lives(string owner) => silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Any(silo => silo.ToString() == owner);
}
