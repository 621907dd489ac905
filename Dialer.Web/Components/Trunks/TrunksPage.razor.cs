using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Web.Components.Shared;
using Dialer.Web.Components.Tenants;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Trunks;

/// <summary>The trunks of a tenant: lines in use, health, last problem; asked anew every few seconds.</summary>
public sealed partial class TrunksPage : ComponentBase, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private Region<TrunkList>? _region;
    private ITimer? _timer;
    private TrunkList? _latest;
    private bool _missing;

    [Parameter] public string Tenant { get; set; } = "";

    [Inject] private IClusterClient Cluster { get; set; } = null!;

    [Inject] private TimeProvider Clock { get; set; } = null!;

    [Inject] private ILogger<TrunksPage> Log { get; set; } = null!;

    public void Dispose() => _timer?.Dispose();

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
            _timer = Clock.CreateTimer(_ => _ = InvokeAsync(Poll), null, Tick, Tick);
    }

    private async Task Poll()
    {
        // What is there stays, and grows old visibly, when a poll fails; only a first load that fails is an error.
        if (_latest is null || _region is null)
            return;
        await _region.Reload();
    }

    private async Task<TrunkList> Load(CancellationToken cancellationToken)
    {
        try
        {
            return _latest = await Ask();
        }
        catch (Exception failure) when (_latest is { } latest && latest.Tenant == Tenant)
        {
            ErrorIds.Report(Log, failure);
            return latest;
        }
    }

    private async Task<TrunkList> Ask()
    {
        var grain = Cluster.GetGrain<ITenantGrain>(Tenant);
        var tenant = await grain.Get();
        _missing = tenant is null;
        var ids = tenant is null ? [] : await grain.Trunks();
        var trunks = await Task.WhenAll(ids.Select(async id =>
        {
            var trunk = Cluster.GetGrain<ITrunkGrain>(Keys.Of(Tenant, id));
            return new ShownTrunk(id, (await trunk.Get())?.Host ?? "", await trunk.Status());
        }));
        return new TrunkList(Tenant, tenant?.Zone() ?? TimeZoneInfo.Utc, trunks, Clock.GetUtcNow());
    }

    private sealed record ShownTrunk(string Id, string Host, TrunkStatus Status);

    private sealed record TrunkList(string Tenant, TimeZoneInfo Zone, IReadOnlyList<ShownTrunk> Trunks, DateTimeOffset At);
}
