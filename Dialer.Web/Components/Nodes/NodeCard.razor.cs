using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Web.Components.Shared;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Nodes;

/// <summary>One node, and the button that drains it or gives it calls again.</summary>
public sealed partial class NodeCard : ComponentBase
{
    private bool _asking;
    private bool _busy;
    private string? _refusal;

    [Parameter, EditorRequired] public required NodeStatus Node { get; set; }

    /// <summary>The node was told something; what is shown is out of date.</summary>
    [Parameter] public EventCallback Changed { get; set; }

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    [Inject] private ILogger<NodeCard> Log { get; set; } = null!;

    private Task Drain() => Command(nodes => nodes.Drain(Node.Id));

    private Task Undrain() => Command(nodes => nodes.Undrain(Node.Id));

    private async Task Command(Func<INodeDirectoryGrain, Task<NodeStatus>> command)
    {
        _busy = true;
        _refusal = null;
        try
        {
            Node = await command(Cluster.GetGrain<INodeDirectoryGrain>("all"));
            _asking = false;
            await Changed.InvokeAsync();
        }
        catch (RefusedException refusal)
        {
            _refusal = Say["Campaign.Refused", refusal.Message];
        }
        catch (Exception failure)
        {
            _refusal = $"{Say["Campaign.CommandFailed"]} {Say["Region.FailedId", ErrorIds.Report(Log, failure)]}";
        }
        _busy = false;
    }
}
