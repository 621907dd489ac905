using System.Net;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Dialer.Silo.Hosting;

/// <summary>How silos find each other, notice each other's death, and keep state.</summary>
public static class Cluster
{
    private const string Invariant = "Npgsql";

    public static ISiloBuilder UseDialerCluster(this ISiloBuilder silo, SiloSettings settings)
    {
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, settings.Database));
        silo.AddAdoNetGrainStorageAsDefault(options => (options.Invariant, options.ConnectionString) = (Invariant, settings.Database));
        silo.Services.Configure<OrleansJsonSerializerOptions>(options => options.JsonSerializerSettings.Converters.Add(new PlainListConverter()));
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, settings.Database));
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, settings.ClusterId));
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = settings.Address;
            (options.SiloPort, options.GatewayPort) = (settings.Port, settings.GatewayPort);
            var listen = IPAddress.IsLoopback(settings.Address) ? settings.Address : IPAddress.Any;
            options.SiloListeningEndpoint = new IPEndPoint(listen, settings.Port);
            options.GatewayListeningEndpoint = new IPEndPoint(listen, settings.GatewayPort);
        });
        // Handing everything over takes some seconds; whoever stops a silo gives it 30.
        silo.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        // Measured: a killed silo is declared dead after 1.9 s, a hung one after 2.8 s (the defaults take 17.6 s and 64.9 s).
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = options.MaxProbeTimeout = TimeSpan.FromSeconds(1);
            options.NumMissedProbesLimit = 2;
            options.NumVotesForDeathDeclaration = 1;
            options.TableRefreshTimeout = options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        return silo;
    }
}
