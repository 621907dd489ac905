using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Nodes;
using Orleans.Concurrency;

namespace Dialer.Grains.Nodes;

/// <summary>The configured nodes. Key <c>all</c>; keeps nothing of its own.</summary>
[StatelessWorker]
public sealed class NodeDirectoryGrain(AsteriskNodes nodes) : Grain, INodeDirectoryGrain
{
    public Task<IReadOnlyList<NodeStatus>> List() => Task.FromResult(nodes.Known);

    public Task<NodeStatus> Drain(string id) => Set(id, draining: true);

    public Task<NodeStatus> Undrain(string id) => Set(id, draining: false);

    private async Task<NodeStatus> Set(string id, bool draining)
    {
        if (nodes.Settings(id) is null)
            throw RefusedException.NotFound($"There is no node '{id}'.");
        var status = await nodes.Get(id).SetDraining(draining);
        nodes.Note(status);
        return status;
    }
}
