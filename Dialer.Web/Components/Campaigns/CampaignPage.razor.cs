using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Web.Components.Tenants;
using Dialer.Web.Components.Words;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Campaigns;

/// <summary>One campaign: what it is doing and why not, its figures, its list, contacts and calls.</summary>
public sealed partial class CampaignPage : CampaignWatch
{
    private const string FirstTab = "summary";
    private static readonly TimeSpan BetweenAnnouncements = TimeSpan.FromSeconds(10);
    private static readonly (string Tab, string Text)[] Tabs =
        [(FirstTab, "Campaign.Summary"), ("lists", "Campaign.Lists"), ("contacts", "Campaign.Contacts"), ("attempts", "Campaign.Attempts")];

    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private string? _name;
    private string? _announced;
    private DateTimeOffset _announcedAt;

    // All that is read from the address is read here, and handed to the tabs: a component that begins to read it while the address
    // changes (another tab) ends the circuit with «Collection was modified» (.NET 10.0).
    [SupplyParameterFromQuery] private string? Tab { get; set; }

    [SupplyParameterFromQuery(Name = "state")] private string? StateText { get; set; }

    [SupplyParameterFromQuery(Name = "verdict")] private string? VerdictText { get; set; }

    [SupplyParameterFromQuery(Name = "number")] private string? NumberText { get; set; }

    [SupplyParameterFromQuery] private string? Cursor { get; set; }

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    [Inject] private TimeProvider Clock { get; set; } = null!;

    private string ShownTab => Tabs.Any(known => known.Tab == Tab) ? Tab! : FirstTab;

    protected override void Show(CampaignFigures figures)
    {
        // Whoever listens to the page is told what happens, but not every second.
        var now = Clock.GetUtcNow();
        if (now - _announcedAt >= BetweenAnnouncements)
        {
            _announced = Say.Sentence(figures.Status, figures.Stats, _zone);
            _announcedAt = now;
        }
        base.Show(figures);
    }

    private string Address(string tab) => $"/t/{Tenant}/campaigns/{Id}" + (tab == FirstTab ? "" : $"?tab={tab}");

    private async Task<CampaignHead> Load(CancellationToken cancellationToken)
    {
        var tenant = await Cluster.GetGrain<ITenantGrain>(Tenant).Get();
        var campaign = Cluster.GetGrain<ICampaignGrain>(Keys.Of(Tenant, Id));
        var settings = tenant is null ? null : await campaign.Get();
        if (tenant is null || settings is null)
            return new CampaignHead(tenant, settings, 0);
        _zone = tenant.Zone();
        _name = settings.Name;
        StateHasChanged();
        return new CampaignHead(tenant, settings, await campaign.Number());
    }

    private sealed record CampaignHead(TenantSettings? Tenant, CampaignSettings? Settings, int Number);
}
