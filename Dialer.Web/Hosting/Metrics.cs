using Npgsql;
using Prometheus;

namespace Dialer.Web.Hosting;

/// <summary><c>/metrics</c>: requests of this process, whether it reaches the silos, and the contacts of every campaign by state.</summary>
internal static class DialerMetrics
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);

    private const string CountsByState = """
        select c.tenant, c.id, s.state, sum(s.n)::float8
        from campaign c join campaign_count n on n.campaign = c.no
            cross join lateral (values ('waiting', n.waiting), ('calling', n.calling), ('done', n.done), ('failed', n.failed),
                ('withdrawn', n.withdrawn)) s (state, n)
        group by 1, 2, 3
        """;

    public static void MapDialerMetrics(this WebApplication app)
    {
        // A registry of its own: several hosts in one process (tests) must not add up in each other's figures.
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        DotNetStats.Register(registry);
        var connected = factory.CreateGauge("dialer_web_cluster_connected", "1 while a silo can be reached.");
        var contacts = factory.CreateGauge("dialer_contacts", "Contacts by state.", "tenant", "campaign", "state");
        var cluster = app.Services.GetRequiredService<ClusterConnection>();
        var database = app.Services.GetRequiredService<NpgsqlDataSource>();
        registry.AddBeforeCollectCallback(async cancellationToken =>
        {
            connected.Set(cluster.IsConnected ? 1 : 0);
            await ReadContacts(contacts, database, app.Logger, cancellationToken);
        });

        app.UseHttpMetrics(options => options.SetMetricFactory(factory));
        app.MapMetrics(registry: registry);
    }

    private static async Task ReadContacts(Gauge contacts, NpgsqlDataSource database, ILogger logger, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(QueryTimeout);
        try
        {
            var read = new List<(string Tenant, string Campaign, string State, double Count)>();
            await using (var command = database.CreateCommand(CountsByState))
            await using (var reader = await command.ExecuteReaderAsync(timeout.Token))
            {
                while (await reader.ReadAsync(timeout.Token))
                    read.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDouble(3)));
            }

            var present = read.Select(row => (row.Tenant, row.Campaign)).ToHashSet();
            foreach (var labels in contacts.GetAllLabelValues().Where(labels => !present.Contains((labels[0], labels[1]))).ToArray())
                contacts.RemoveLabelled(labels);
            foreach (var row in read)
                contacts.WithLabels(row.Tenant, row.Campaign, row.State).Set(row.Count);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // The rest of the metrics is wanted most when the database is away.
            logger.LogWarning("Contacts are missing in /metrics, the database does not answer: {Reason}", error.Message);
        }
    }
}
