using Orleans.Dashboard;

namespace Dialer.Silo.Hosting;

/// <summary>A silo's part of the Orleans dashboard: it counts calls between grains while somebody looks. The pages of the web show it.</summary>
internal static class SiloDashboard
{
    /// <summary>Off with <c>Dialer:Dashboard=false</c>, the same in all silos.</summary>
    public static ISiloBuilder AddDialerDashboard(this ISiloBuilder silo, IConfiguration configuration) =>
        configuration.GetValue("Dialer:Dashboard", true) ? silo.AddDashboard(options => options.HideTrace = true) : silo;
}
