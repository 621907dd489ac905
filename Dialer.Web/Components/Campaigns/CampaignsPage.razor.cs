using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Tenants;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Campaigns;

/// <summary>The campaigns of a tenant with their live progress.</summary>
public sealed partial class CampaignsPage : ComponentBase
{
    private const int PageSize = 25;

    [Parameter] public string Tenant { get; set; } = "";

    [SupplyParameterFromQuery] private int Page { get; set; }

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    private bool IsMissing { get; set; }

    private async Task<CampaignList> Load(CancellationToken cancellationToken)
    {
        var grain = Cluster.GetGrain<ITenantGrain>(Tenant);
        var tenant = await grain.Get();
        IsMissing = tenant is null;
        if (tenant is null)
            return new CampaignList(null, [], 0);
        var ids = await grain.Campaigns();
        var shown = ids.Skip(Math.Max(0, Page) * PageSize).Take(PageSize);
        return new CampaignList(tenant, await Task.WhenAll(shown.Select(Named)), ids.Count);
    }

    private async Task<(string Id, string Name)> Named(string id) =>
        (id, (await Cluster.GetGrain<ICampaignGrain>(Keys.Of(Tenant, id)).Get())?.Name ?? id);

    private sealed record CampaignList(TenantSettings? Tenant, IReadOnlyList<(string Id, string Name)> Campaigns, int Total);
}
