using Dialer.Grains.Interfaces.Tenants;
using Dialer.Storage.Tenants;
using Orleans.Concurrency;

namespace Dialer.Grains.Tenants;

/// <summary>Which tenants there are. Key <c>all</c>; keeps nothing of its own.</summary>
[StatelessWorker]
public sealed class TenantDirectoryGrain(TenantTable tenants) : Grain, ITenantDirectoryGrain
{
    public async Task<IReadOnlyList<string>> List() => await tenants.ListAsync(CancellationToken.None);
}
