using Dialer.Grains.Interfaces.Tenants;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Tenants;

/// <summary>The front page: which tenant? Where there is only one, straight to its campaigns.</summary>
public sealed partial class TenantsPage : ComponentBase
{
    [SupplyParameterFromQuery] private bool Choose { get; set; }

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private async Task<IReadOnlyList<TenantLink>> Load(CancellationToken cancellationToken)
    {
        var ids = await Cluster.GetGrain<ITenantDirectoryGrain>("all").List();
        // Who has gone on to another page meanwhile stays there.
        if (ids is [var only] && !Choose && !cancellationToken.IsCancellationRequested)
            Navigation.NavigateTo($"/t/{only}/campaigns", replace: true);
        return await Task.WhenAll(ids.Select(async id => new TenantLink(id, (await Cluster.GetGrain<ITenantGrain>(id).Get())?.Name ?? id)));
    }

    private sealed record TenantLink(string Id, string Name);
}
