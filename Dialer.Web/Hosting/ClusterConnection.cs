using Dialer.Grains.Interfaces;
using Orleans.Configuration;

namespace Dialer.Web.Hosting;

/// <summary>
/// Whether this process is connected to the silos. The web starts before them and outlives them, so everything that asks a grain
/// looks here first: a client that was never connected would make each request wait for its time-out.
/// </summary>
public sealed class ClusterConnection : ILifecycleParticipant<IClusterClientLifecycle>
{
    private volatile bool started;
    private volatile bool gateways = true;

    /// <summary>True while a silo can be reached.</summary>
    public bool IsConnected => started && gateways;

    /// <summary>True after the last silo was lost, until one answers again.</summary>
    internal bool IsLost => started && !gateways;

    /// <exception cref="RefusedException">No silo can be reached.</exception>
    public void Require()
    {
        if (!IsConnected)
        {
            throw new RefusedException(
                Refusal.Unavailable, "The dialer's silo cannot be reached at the moment. Nothing was changed; try again in a few seconds.");
        }
    }

    void ILifecycleParticipant<IClusterClientLifecycle>.Participate(IClusterClientLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(ClusterConnection), ServiceLifecycleStage.Active,
            _ => { started = true; return Task.CompletedTask; },
            _ => { started = false; return Task.CompletedTask; });

    internal void GatewaysChanged(int count) => gateways = count > 0;
}

/// <summary>The Orleans client of the web.</summary>
internal static class ClusterConnectionRegistration
{
    private const string ClusterId = "dialer";
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GatewayListRefresh = TimeSpan.FromSeconds(5);

    /// <summary>Connects to the silos that the database lists, for as long as it takes; the web answers meanwhile.</summary>
    public static void AddDialerCluster(this WebApplicationBuilder builder, DialerSettings settings)
    {
        // Hosted services start one after the other unless told otherwise: Kestrel, which is the last, would wait for the silo.
        builder.Services.Configure<HostOptions>(options => options.ServicesStartConcurrently = true);
        builder.Services.AddSingleton<ClusterConnection>();
        builder.Services.AddHostedService<ClusterProbe>();
        builder.Services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>>(
            services => services.GetRequiredService<ClusterConnection>());
        builder.Host.UseOrleansClient(client =>
        {
            client.UseAdoNetClustering(options =>
            {
                options.Invariant = "Npgsql";
                options.ConnectionString = settings.Database;
            });
            client.AddDialerDashboard();
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ClusterId, ClusterId));
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = GatewayListRefresh);
            client.UseConnectionRetryFilter(async (_, cancellationToken) =>
            {
                await Task.Delay(BetweenAttempts, cancellationToken);
                return true;
            });
            client.AddGatewayCountChangedHandler(
                services => (_, change) => services.GetRequiredService<ClusterConnection>().GatewaysChanged(change.NumberOfConnectedGateways));
            client.AddClusterConnectionLostHandler(
                services => (_, _) => services.GetRequiredService<ClusterConnection>().GatewaysChanged(0));
        });
    }
}
