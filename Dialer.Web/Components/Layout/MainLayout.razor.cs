using System.Globalization;
using Dialer.Web.Components.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Dialer.Web.Components.Layout;

/// <summary>What surrounds every page: the sections of the tenant in the address, language, colours, logging out.</summary>
public sealed partial class MainLayout : IDisposable
{
    private ErrorBoundary? _boundary;
    private (Exception Failure, string Id)? _reported;

    [CascadingParameter(Name = "Dark")] private bool Dark { get; set; }

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private ILogger<MainLayout> Log { get; set; } = null!;

    private string Here => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

    private string SkipHref => Here.Split('#')[0] + "#content";

    private string ThemeText => Say[Dark ? "App.Light" : "App.Dark"];

    private static string OtherLanguage => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ru" ? "en" : "ru";

    private string? Tenant => Here.Split('?', '#')[0].Split('/') is ["", "t", var tenant, ..] ? Uri.UnescapeDataString(tenant) : null;

    public void Dispose() => Navigation.LocationChanged -= FollowAddress;

    protected override void OnInitialized() => Navigation.LocationChanged += FollowAddress;

    private void FollowAddress(object? sender, LocationChangedEventArgs change)
    {
        _boundary?.Recover();
        _ = InvokeAsync(StateHasChanged);
    }

    private void Recover() => _boundary?.Recover();

    private string IdOf(Exception failure)
    {
        // A render is repeated at will; one failure is logged once.
        if (_reported?.Failure != failure)
            _reported = (failure, ErrorIds.Report(Log, failure));
        return _reported.Value.Id;
    }
}
