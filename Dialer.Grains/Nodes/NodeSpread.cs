using Dialer.Grains.Interfaces.Nodes;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Which node's event socket moves where, so that no silo hears much more than another. The first silo that starts takes all nodes, and
/// whoever survives takes those of the dead: without this it would keep them, and hear and ask for all calls of the cluster.
/// </summary>
public static class NodeSpread
{
    /// <summary>The next move away from one silo; null where none makes things more even.</summary>
    /// <param name="nodes">What is known of all nodes.</param>
    /// <param name="silos">The silos that are active.</param>
    /// <param name="here">The silo that may give one away.</param>
    public static (string Node, string Silo)? Next(IReadOnlyList<NodeStatus> nodes, IReadOnlyCollection<string> silos, string here)
    {
        var counts = silos.ToDictionary(silo => silo, silo => nodes.Count(n => n.Silo == silo), StringComparer.Ordinal);
        if (counts.Count == 0)
            return null;
        var (fewest, count) = counts.OrderBy(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).First();
        // A difference of one can't be made smaller, only carried about.
        return counts.GetValueOrDefault(here) - count < 2 ? null
            // A node in trouble has enough of it. The one with fewest calls moves: each of its calls hears of it.
            : nodes.Where(n => n.Silo == here && n.Connected).MinBy(n => n.Calls) is { } node ? (node.Id, fewest) : null;
    }
}
