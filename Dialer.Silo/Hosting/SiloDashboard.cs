using Dialer.Hosting;
using Orleans.Dashboard;

namespace Dialer.Silo.Hosting;

/// <summary>
/// A silo's part of the Orleans dashboard, which the pages of the web show: silos, grains and reminders, and where it is asked for also how often and
/// how long grains are called. For that every call between grains goes through a filter and is counted, looked at or not.
/// </summary>
internal static class SiloDashboard
{
    // Orleans.Dashboard 10.4 can't be told to leave them out: the filter of all calls, and the service that listens to all of Orleans' counters.
    // Together they took a sixth of a silo's calls per second.
    private static readonly Type[] Counting = [typeof(IIncomingGrainCallFilter), typeof(IHostedService)];

    /// <summary>Off with <c>Dialer:Dashboard=false</c>, calls and counters on with <c>Dialer:DashboardCalls=true</c>; both the same in all silos.</summary>
    /// <exception cref="SettingException">One of them is neither true nor false.</exception>
    public static ISiloBuilder AddDialerDashboard(this ISiloBuilder silo, IConfiguration configuration)
    {
        if (!IsOn("Dashboard", otherwise: true))
            return silo;
        var before = silo.Services.ToHashSet();
        silo.AddDashboard(options => options.HideTrace = true);
        if (!IsOn("DashboardCalls", otherwise: false))
            foreach (var part in silo.Services.Where(part => Counting.Contains(part.ServiceType) && !before.Contains(part)).ToList())
                silo.Services.Remove(part);
        return silo;

        bool IsOn(string name, bool otherwise) =>
            SettingException.Read(configuration.GetSection(SiloSettings.Section), name, otherwise, bool.TryParse, "true or false");
    }
}
