using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>The configured nodes, and which of them can take a call. One per silo; a watchdog keeps it current.</summary>
public sealed class AsteriskNodes(IReadOnlyList<NodeSettings> settings, IGrainFactory grains)
{
    private readonly Dictionary<string, Interfaces.Nodes.NodeStatus> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _turn;

    /// <summary>Ids of all configured nodes.</summary>
    public IReadOnlyList<string> Ids { get; } = [.. settings.Select(s => s.Id)];

    /// <summary>The configuration of a node; null where it is not configured here.</summary>
    public NodeSettings? Settings(string id) => settings.FirstOrDefault(s => s.Id == id);

    /// <summary>The grain of a node.</summary>
    public IAsteriskNodeGrain Get(string id) => grains.GetGrain<IAsteriskNodeGrain>(id);

    /// <summary>What was last heard of each node.</summary>
    public IReadOnlyList<Interfaces.Nodes.NodeStatus> Known
    {
        get
        {
            lock (_lock)
                return [.. Ids.Select(id => _known.GetValueOrDefault(id) ?? new(id, false, null, 0, "not connected yet"))];
        }
    }

    /// <summary>Takes note of a node's state.</summary>
    public void Note(Interfaces.Nodes.NodeStatus status)
    {
        lock (_lock)
            _known[status.Id] = status;
    }

    /// <summary>The connected node with most free capacity (equals in turn); null where none is connected or has room.</summary>
    public string? Choose()
    {
        lock (_lock)
        {
            var turn = _turn++;
            return settings
                .Where(s => _known.TryGetValue(s.Id, out var known) && known.Connected && known.Calls < s.Capacity)
                .Select((s, i) => (s.Id, Free: 1.0 - (double)_known[s.Id].Calls / s.Capacity, Turn: (i + turn) % settings.Count))
                .OrderByDescending(n => Math.Round(n.Free, 2)).ThenBy(n => n.Turn)
                .Select(n => n.Id).FirstOrDefault();
        }
    }

    /// <summary>Tells every node; one that is away gets it at its next connect, so a failure is only logged.</summary>
    public async Task ForEach(Func<IAsteriskNodeGrain, Task> tell, ILogger logger)
    {
        foreach (var id in Ids)
            try
            {
                await tell(Get(id));
            }
            catch (Exception e) when (e is TimeoutException or Orleans.Runtime.OrleansException)
            {
                logger.LogWarning("Node {Node} was not told of a change and gets it when it connects: {Reason}", id, e.Message);
            }
    }
}
