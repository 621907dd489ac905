using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Interfaces.Trunks;
using MudBlazor;

namespace Dialer.Web.Components.Shared;

/// <summary>The icon and the colour that go with the text of a state, the same on every page.</summary>
public static class Looks
{
    public static (string Icon, Color Color) Of(CampaignActivity state) => state switch
    {
        CampaignActivity.Calling => (Icons.Material.Filled.Call, Color.Success),
        CampaignActivity.Waiting => (Icons.Material.Filled.Schedule, Color.Info),
        CampaignActivity.Paused => (Icons.Material.Filled.PauseCircle, Color.Warning),
        CampaignActivity.Finished => (Icons.Material.Filled.CheckCircle, Color.Success),
        _ => (Icons.Material.Filled.RemoveCircleOutline, Color.Default),
    };

    public static (string Icon, Color Color) Of(ContactState state) => state switch
    {
        ContactState.Waiting => (Icons.Material.Filled.Schedule, Color.Info),
        ContactState.Calling => (Icons.Material.Filled.Call, Color.Primary),
        ContactState.Done => (Icons.Material.Filled.CheckCircle, Color.Success),
        ContactState.Failed => (Icons.Material.Filled.ErrorOutline, Color.Error),
        _ => (Icons.Material.Filled.RemoveCircleOutline, Color.Default),
    };

    public static (string Icon, Color Color) Of(Verdict? verdict) => verdict switch
    {
        null => (Icons.Material.Filled.Call, Color.Primary),
        Verdict.Success => (Icons.Material.Filled.CheckCircle, Color.Success),
        Verdict.TooShort => (Icons.Material.Filled.TimerOff, Color.Warning),
        Verdict.NoAnswer => (Icons.Material.Filled.PhoneMissed, Color.Info),
        Verdict.Busy => (Icons.Material.Filled.PhonePaused, Color.Info),
        Verdict.Rejected => (Icons.Material.Filled.PhoneDisabled, Color.Warning),
        Verdict.InvalidNumber => (Icons.Material.Filled.ErrorOutline, Color.Error),
        Verdict.Machine => (Icons.Material.Filled.Voicemail, Color.Info),
        Verdict.Cancelled => (Icons.Material.Filled.Cancel, Color.Default),
        _ => (Icons.Material.Filled.Warning, Color.Error),
    };

    public static (string Icon, Color Color) Of(NodeActivity state) => state switch
    {
        NodeActivity.Connected => (Icons.Material.Filled.CheckCircle, Color.Success),
        NodeActivity.Draining => (Icons.Material.Filled.Schedule, Color.Info),
        NodeActivity.Drained => (Icons.Material.Filled.PauseCircle, Color.Warning),
        _ => (Icons.Material.Filled.ErrorOutline, Color.Error),
    };

    public static (string Icon, Color Color) Of(TrunkHealth health) => health switch
    {
        TrunkHealth.Up => (Icons.Material.Filled.CheckCircle, Color.Success),
        TrunkHealth.Down => (Icons.Material.Filled.ErrorOutline, Color.Error),
        _ => (Icons.Material.Filled.HelpOutline, Color.Default),
    };
}
