using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Campaigns;

/// <summary>A component that shows the live figures of one campaign, from its first render until it is gone.</summary>
public abstract class CampaignWatch : ComponentBase, IDisposable
{
    private IDisposable? _following;
    private (string Tenant, string Campaign) _followed;

    [Parameter, EditorRequired] public string Tenant { get; set; } = "";

    /// <summary>The campaign's id in its tenant.</summary>
    [Parameter, EditorRequired] public string Id { get; set; } = "";

    [Inject] protected CampaignFeed Feed { get; set; } = null!;

    /// <summary>The latest figures; null until the first have come.</summary>
    protected CampaignFigures? Figures { get; private set; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _following?.Dispose();

    protected override void OnParametersSet()
    {
        if (!RendererInfo.IsInteractive || _followed == (Tenant, Id))
            return;
        _following?.Dispose();
        Figures = null;
        _followed = (Tenant, Id);
        _following = Feed.Follow(Tenant, Id, figures => _ = InvokeAsync(() => Show(figures)));
    }

    /// <summary>New figures, in the renderer's turn.</summary>
    protected virtual void Show(CampaignFigures figures)
    {
        Figures = figures;
        StateHasChanged();
    }
}
