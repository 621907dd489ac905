using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Dialer.Grains.Nodes;

/// <summary>
/// What becomes of the event sockets of a silo that is told to stop. A socket that is closed before another is open costs calls: Asterisk
/// hangs up whoever answers meanwhile, and nobody hears a key. So a socket outlives its grain: it is read until the node's next owner, on
/// another silo, has opened one (Asterisk moves the application from the old socket to the new one), and what was read still goes to its
/// calls, wherever they are by then. Where no other silo is left, sockets are closed first, and calls take what was read while they live.
/// </summary>
public sealed partial class NodeHandover(AsteriskNodes nodes, ISiloStatusOracle silos, ILogger<NodeHandover> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    // The next owner asks for the node as soon as it hears of this silo's end, and connects within a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<NodeLink, bool> _links = new();

    /// <summary>Grains of nodes must not wake here any more.</summary>
    public bool IsStopping { get; private set; }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer)
    {
        // Grains are deactivated between the two, and can still be called from here until after the second.
        observer.Subscribe(nameof(NodeHandover), ServiceLifecycleStage.Active, _ => Task.CompletedTask, BeforeGrainsGoAsync);
        observer.Subscribe(nameof(NodeHandover), ServiceLifecycleStage.ApplicationServices, _ => Task.CompletedTask, AfterGrainsWentAsync);
    }

    internal void Add(NodeLink link) => _links[link] = true;

    /// <summary>The link's grain lets go of it, here and now.</summary>
    internal ValueTask CloseAsync(NodeLink link)
    {
        _links.TryRemove(link, out _);
        return link.DisposeAsync();
    }

    /// <summary>The link's grain moves to another silo: it is read until that one has opened the node's socket.</summary>
    internal async Task PassOnAsync(NodeLink link)
    {
        LogHandedOver(link.Node, await link.ReadOutAsync(Patience, Patience, CancellationToken.None));
        await CloseAsync(link);
    }

    private async Task BeforeGrainsGoAsync(CancellationToken cancellationToken)
    {
        IsStopping = true;
        nodes.Close();
        // One that is about to stop, too, takes nothing over.
        if (silos.GetApproximateSiloStatuses(onlyActive: true).Count <= 1)
            await Task.WhenAll(_links.Keys.Select(link => link.ReadOutAsync(TimeSpan.Zero, Patience, cancellationToken)));
    }

    private async Task AfterGrainsWentAsync(CancellationToken cancellationToken)
    {
        foreach (var (node, wasReplaced) in await Task.WhenAll(_links.Keys.Select(async link =>
            (link.Node, await link.ReadOutAsync(Patience, Patience, cancellationToken)))))
            LogHandedOver(node, wasReplaced);
        foreach (var link in _links.Keys)
            await CloseAsync(link);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is let go; another silo has taken it over: {TakenOver}")]
    private partial void LogHandedOver(string node, bool takenOver);
}
