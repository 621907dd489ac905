using Dialer.Grains.Interfaces.Nodes;
using Orleans.Concurrency;

namespace Dialer.Grains.Nodes;

/// <summary>The configured nodes. Key <c>all</c>; keeps nothing of its own.</summary>
[StatelessWorker]
public sealed class NodeDirectoryGrain(AsteriskNodes nodes) : Grain, INodeDirectoryGrain
{
    public Task<IReadOnlyList<NodeStatus>> List() => Task.FromResult(nodes.Known);
}
