using System.Net;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Serialization;

namespace Dialer.Silo.Hosting;

/// <summary>How silos find each other, notice each other's death, and keep state.</summary>
public static class Cluster
{
    private const string Invariant = "Npgsql";

    public static ISiloBuilder UseDialerCluster(this ISiloBuilder silo, SiloSettings settings)
    {
        // Before Orleans' own: the first one that knows decides.
        silo.Services.Insert(0, ServiceDescriptor.Singleton<IGrainInterfaceTypeProvider, KnownInterfaceTypes>());
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
        // The strongly consistent directory: when a silo dies, grains on the others live on, and none comes to life twice while the table
        // of members changes. With the other one a joining silo took node sockets away from their owner.
#pragma warning disable ORLEANSEXP003 // Marked as experimental in 10.4 still; docs/decisions/0013 says why we take it.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        // It would hold the grains of a dead silo back for 30 s, lest that silo still works; epochs in the database see to that.
        silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = TimeSpan.Zero);
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
