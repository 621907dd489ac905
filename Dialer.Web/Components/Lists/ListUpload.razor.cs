using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Dialer.Web.Components.Lists;

/// <summary>
/// Uploads a list over plain HTTP to the REST interface (through the circuit 20 MB would take half a minute) and shows what became
/// of it.
/// </summary>
public sealed partial class ListUpload : ComponentBase, IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private ElementReference _drop;
    private ElementReference _file;
    private IJSObjectReference? _module;
    private IJSObjectReference? _upload;
    private DotNetObjectReference<ListUpload>? _self;
    private bool _attach = true;

    [Parameter, EditorRequired] public required string Tenant { get; set; }

    [Parameter, EditorRequired] public required string Campaign { get; set; }

    [Inject] private IJSRuntime Browser { get; set; } = null!;

    private string Lists => $"/api/v1/tenants/{Tenant}/campaigns/{Campaign}/lists";

    private Stage Stage { get; set; }

    private string Mode { get; set; } = "replace";

    private string? ChosenName { get; set; }

    private long ChosenSize { get; set; }

    private int Sent { get; set; }

    private string SentText => Say["Upload.Sending", Say.Share(Sent, 100)];

    private string? Problem { get; set; }

    private ListReport? Report { get; set; }

    /// <summary>A file was chosen or dropped.</summary>
    [JSInvokable]
    public void Chosen(string name, long size)
    {
        (ChosenName, ChosenSize, Problem) = (name, size, null);
        StateHasChanged();
    }

    /// <summary>So many per cent are sent.</summary>
    [JSInvokable]
    public void Progress(int percent)
    {
        Sent = percent;
        StateHasChanged();
    }

    /// <summary>How far the server is with reading the list: the body of <c>GET …/lists/{id}</c>.</summary>
    [JSInvokable]
    public void Read(string report)
    {
        Report = JsonSerializer.Deserialize<ListReport>(report, Json)!;
        Stage = Report.State == "reading" ? Stage.Reading : Stage.Done;
        StateHasChanged();
    }

    /// <summary>The upload ended without a list: an HTTP status (0: no connection, −1: cancelled) and the server's words.</summary>
    [JSInvokable]
    public void Failed(int status, string? detail)
    {
        var problem = status switch
        {
            -1 => Say["Upload.Cancelled"],
            0 => Say["Upload.Unreachable"],
            401 => Say["Upload.LoggedOut"],
            _ => Say["Upload.Refused", status, detail ?? ""],
        };
        Restart();
        Problem = problem;
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_upload is not null)
            {
                await _upload.InvokeVoidAsync("leave");
                await _upload.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its objects with it.
        }
        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_attach || Stage != Stage.Choosing)
            return;
        _attach = false;
        _self ??= DotNetObjectReference.Create(this);
        _module ??= await Browser.InvokeAsync<IJSObjectReference>("import", "./Components/Lists/ListUpload.razor.js");
        _upload = await _module.InvokeAsync<IJSObjectReference>("attach", _drop, _file, _self);
        StateHasChanged();
    }

    private async Task Send()
    {
        if (_upload is null || ChosenName is null)
        {
            Problem = Say["Upload.NoFile"];
            return;
        }
        (Stage, Sent, Problem) = (Stage.Sending, 0, null);
        await _upload.InvokeVoidAsync("send", Lists, Mode);
    }

    private async Task Cancel()
    {
        if (_upload is not null)
            await _upload.InvokeVoidAsync("cancel");
    }

    private void Restart() => (Stage, ChosenName, Problem, Report, _upload, _attach) = (Stage.Choosing, null, null, null, null, true);
}

/// <summary>How far an upload is.</summary>
internal enum Stage
{
    Choosing,
    Sending,
    Reading,
    Done,
}
