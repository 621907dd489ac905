namespace Dialer.Grains.Interfaces.Nodes;

/// <summary>An Asterisk node as it is shown.</summary>
/// <param name="Id">Its id in the configuration.</param>
/// <param name="Connected">Whether the event socket is open and the node was reconciled.</param>
/// <param name="Version">Asterisk's version; null before the first connection.</param>
/// <param name="Calls">Attempts in flight on it.</param>
/// <param name="Problem">Why it is not connected, in words.</param>
[GenerateSerializer, Immutable, Alias("Dialer.NodeStatus")]
public sealed record NodeStatus(
    [property: Id(0)] string Id, [property: Id(1)] bool Connected, [property: Id(2)] string? Version,
    [property: Id(3)] int Calls, [property: Id(4)] string? Problem);

/// <summary>The Asterisk nodes of the installation. One grain, key <c>all</c>.</summary>
[Alias("Dialer.INodeDirectoryGrain")]
public interface INodeDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Every configured node.</summary>
    [Alias("List")] Task<IReadOnlyList<NodeStatus>> List();
}
