using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Shared;

/// <summary>
/// A part of a page with data of its own: a skeleton while it loads (visible from 300 ms on), an empty state, an error with
/// «retry» and an id, or the content. It loads anew when <see cref="Key"/> changes and keeps the old content until then.
/// </summary>
public sealed partial class Region<T> : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private object? _loadedKey;
    private int _attempt;

    /// <summary>Gets the data.</summary>
    [Parameter, EditorRequired] public required Func<CancellationToken, Task<T>> Load { get; set; }

    /// <summary>What the data depends on.</summary>
    [Parameter] public object Key { get; set; } = "";

    /// <summary>Whether there is nothing to show.</summary>
    [Parameter] public Func<T, bool>? IsEmpty { get; set; }

    /// <summary>What is shown then: a sentence and one action.</summary>
    [Parameter] public RenderFragment? Empty { get; set; }

    /// <summary>What is shown otherwise.</summary>
    [Parameter, EditorRequired] public required RenderFragment<T> ChildContent { get; set; }

    [Inject] private ILogger<Region<T>> Log { get; set; } = null!;

    private T? Value { get; set; }

    private string? ErrorId { get; set; }

    private bool IsLoading { get; set; } = true;

    /// <summary>Gets the data again.</summary>
    public async Task Reload()
    {
        var attempt = ++_attempt;
        IsLoading = true;
        StateHasChanged();
        T? value = null;
        string? error = null;
        try
        {
            value = await Load(_gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            error = ErrorIds.Report(Log, failure);
        }
        // A later load of another page or filter overtook this one.
        if (attempt != _attempt)
            return;
        (Value, ErrorId, IsLoading) = (value, error, false);
        StateHasChanged();
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        // Prerendering would ask for everything a second time: the skeleton is sent at once, the circuit loads.
        if (!RendererInfo.IsInteractive || Equals(Key, _loadedKey))
            return;
        _loadedKey = Key;
        await Reload();
    }
}
