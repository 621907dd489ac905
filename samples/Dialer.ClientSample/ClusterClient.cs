using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Dialer.ClientSample;

/// <summary>The way into the cluster: PostgreSQL tells where the silos are.</summary>
internal static class ClusterClient
{
    // Silos and clients find each other by this name; every installation has it.
    private const string Cluster = "dialer";

    public static IHost Build(string database)
    {
        var builder = Host.CreateApplicationBuilder();
        // What goes wrong comes back to us as an exception, and is told in one line.
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", database));
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Cluster, Cluster));
            // A silo that joins or leaves is noticed within this time.
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        });
        return builder.Build();
    }

    public static IGrainFactory Grains(this IHost host) => host.Services.GetRequiredService<IClusterClient>();
}
