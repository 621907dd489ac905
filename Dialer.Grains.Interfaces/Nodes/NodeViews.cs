namespace Dialer.Grains.Interfaces.Nodes;

/// <summary>What may be asked of a node at this moment.</summary>
[GenerateSerializer, Alias("Dialer.NodeActivity")]
public enum NodeActivity
{
    /// <summary>It takes calls.</summary>
    Connected,
    /// <summary>It takes no new calls; those that it has end by themselves.</summary>
    Draining,
    /// <summary>It takes no new calls and has none: it may be stopped.</summary>
    Drained,
    /// <summary>The event socket is closed, or the node was not reconciled yet.</summary>
    Away,
}

/// <summary>An Asterisk node as it is shown.</summary>
/// <param name="Id">Its id in the configuration.</param>
/// <param name="Connected">Whether the event socket is open and the node was reconciled.</param>
/// <param name="Version">Asterisk's version; null before the first connection.</param>
/// <param name="Calls">Attempts in flight on it.</param>
/// <param name="Problem">Why it is not connected, in words.</param>
/// <param name="Draining">Whether it was told to take no new calls. A drained node may be connected or not.</param>
/// <param name="Silo">The silo that has its event socket, by Orleans' parsable address; null where that is not known.</param>
[GenerateSerializer, Immutable, Alias("Dialer.NodeStatus")]
public sealed record NodeStatus(
    [property: Id(0)] string Id, [property: Id(1)] bool Connected, [property: Id(2)] string? Version,
    [property: Id(3)] int Calls, [property: Id(4)] string? Problem, [property: Id(5)] bool Draining = false,
    [property: Id(6)] string? Silo = null)
{
    /// <summary>All of it in one word.</summary>
    public NodeActivity State => Draining
        ? Calls > 0 ? NodeActivity.Draining : NodeActivity.Drained
        : Connected ? NodeActivity.Connected : NodeActivity.Away;
}

/// <summary>The Asterisk nodes of the installation. One grain, key <c>all</c>.</summary>
[Alias("Dialer.INodeDirectoryGrain")]
public interface INodeDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Every configured node.</summary>
    [Alias("List")] Task<IReadOnlyList<NodeStatus>> List();

    /// <summary>
    /// Has a node take no new calls, for good: also after a restart of everything. Calls that it has go on and ring their operators on it.
    /// Every silo knows of it within two seconds. Twice does no harm.
    /// </summary>
    /// <exception cref="RefusedException">No such node is configured.</exception>
    [Alias("Drain")] Task<NodeStatus> Drain(string id);

    /// <summary>Has a node take calls again.</summary>
    /// <exception cref="RefusedException">No such node is configured.</exception>
    [Alias("Undrain")] Task<NodeStatus> Undrain(string id);
}
