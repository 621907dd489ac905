using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Shared;

/// <summary>Greys its content and says how old it is when no news came for a while.</summary>
public sealed partial class Freshness : ComponentBase, IDisposable
{
    /// <summary>Figures are polled every 5 s at the latest, so three misses mean that something is wrong.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private ITimer? _timer;
    private bool _shownStale;

    /// <summary>When the content was true.</summary>
    [Parameter, EditorRequired] public DateTimeOffset At { get; set; }

    [Parameter, EditorRequired] public required RenderFragment ChildContent { get; set; }

    [Inject] private TimeProvider Clock { get; set; } = null!;

    private TimeSpan Age => Clock.GetUtcNow() - At;

    public void Dispose() => _timer?.Dispose();

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
            _timer = Clock.CreateTimer(_ => _ = InvokeAsync(ShowAge), null, Tick, Tick);
    }

    private void ShowAge()
    {
        // Nothing is sent over the wire while the content is fresh.
        if (Age < StaleAfter && !_shownStale)
            return;
        _shownStale = Age >= StaleAfter;
        StateHasChanged();
    }
}
