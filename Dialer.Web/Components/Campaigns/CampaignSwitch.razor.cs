using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Web.Components.Shared;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Campaigns;

/// <summary>Starts or pauses a campaign.</summary>
public sealed partial class CampaignSwitch : ComponentBase
{
    private bool _busy;
    private string? _refusal;

    [Parameter, EditorRequired] public required string Tenant { get; set; }

    [Parameter, EditorRequired] public required string Id { get; set; }

    /// <summary>What people call it; the button's name says which campaign it acts on.</summary>
    [Parameter, EditorRequired] public required string Name { get; set; }

    /// <summary>Whether it is stopped, so that the button starts it.</summary>
    [Parameter, EditorRequired] public bool Paused { get; set; }

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    [Inject] private CampaignFeed Feed { get; set; } = null!;

    [Inject] private ILogger<CampaignSwitch> Log { get; set; } = null!;

    private Task Start() => Command(campaign => campaign.Start());

    private Task Pause() => Command(campaign => campaign.Pause());

    private async Task Command(Func<ICampaignGrain, Task> command)
    {
        _busy = true;
        _refusal = null;
        try
        {
            await command(Cluster.GetGrain<ICampaignGrain>(Keys.Of(Tenant, Id)));
            await Feed.Refresh(Tenant, Id);
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
