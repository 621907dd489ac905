using Dialer.Grains.Interfaces.Nodes;
using Dialer.Web.Components.Shared;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Nodes;

/// <summary>The Asterisk nodes of the installation: state, calls, draining; asked anew every few seconds.</summary>
public sealed partial class NodesPage : ComponentBase, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(3);
    private Region<NodeList>? _region;
    private ITimer? _timer;
    private NodeList? _latest;

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    [Inject] private TimeProvider Clock { get; set; } = null!;

    [Inject] private ILogger<NodesPage> Log { get; set; } = null!;

    public void Dispose() => _timer?.Dispose();

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
            _timer = Clock.CreateTimer(_ => _ = InvokeAsync(Reload), null, Tick, Tick);
    }

    // What is there stays, and grows old visibly, when a poll fails; only a first load that fails is an error.
    private Task Reload() => _latest is null || _region is null ? Task.CompletedTask : _region.Reload();

    private async Task<NodeList> Load(CancellationToken cancellationToken)
    {
        try
        {
            return _latest = new NodeList(await Cluster.GetGrain<INodeDirectoryGrain>("all").List(), Clock.GetUtcNow());
        }
        // This process ends: nobody will be asked any more.
        catch (ObjectDisposedException) when (_latest is not null)
        {
            Dispose();
            return _latest;
        }
        catch (Exception failure) when (_latest is not null)
        {
            ErrorIds.Report(Log, failure);
            return _latest;
        }
    }

    private sealed record NodeList(IReadOnlyList<NodeStatus> Nodes, DateTimeOffset At);
}
