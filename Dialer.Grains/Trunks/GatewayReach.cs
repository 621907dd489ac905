namespace Dialer.Grains.Trunks;

/// <summary>From which nodes a trunk's gateway answers. Nodes have networks of their own, so one report says nothing of the others.</summary>
public sealed class GatewayReach
{
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);

    /// <summary>Nodes that get no answer from the gateway; null for none.</summary>
    public IReadOnlyCollection<string>? Silent => _silent.Count > 0 ? [.. _silent] : null;

    /// <summary>Takes note of a node's report; false where it is no news.</summary>
    /// <remarks>
    /// «Still reachable» is none: who looks for the first time does not know of the calls that the gateway has not taken since.
    /// </remarks>
    public bool Note(string node, bool reachable) => reachable ? _silent.Remove(node) : _silent.Add(node);

    /// <summary>Whether no node is left from which it answers.</summary>
    /// <param name="connected">The nodes that could carry a call; with none of them nothing is known.</param>
    public bool IsDown(IEnumerable<string> connected)
    {
        var any = false;
        foreach (var node in connected)
        {
            if (!_silent.Contains(node))
                return false;
            any = true;
        }

        return any;
    }

    /// <summary>Another gateway: nothing is known of it.</summary>
    public void Forget() => _silent.Clear();
}
