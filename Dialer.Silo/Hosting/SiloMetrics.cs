using System.Diagnostics.Metrics;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Prometheus;

namespace Dialer.Silo.Hosting;

/// <summary><c>/metrics</c>: all .NET meters of this process (Dialer's, Orleans', Npgsql's), and what grains and nodes of this silo hold now.</summary>
internal static class SiloMetrics
{
    // A counter that starts anew after some quiet minutes would show no increase to whoever looks at rates.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    public static void MapDialerMetrics(this WebApplication app)
    {
        // A registry of its own: several silos in one process (tests) must not add up in each other's figures.
        var registry = Prometheus.Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        // From the start on, not from the first visit: what was counted before it would be missing.
        var meters = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Prometheus.Metrics.WithCustomRegistry(registry),
            MetricsExpireAfter = Forgotten,
            ResolveHistogramBuckets = Buckets,
            InstrumentFilterPredicate = IsAffordable,
        });
        app.Lifetime.ApplicationStopped.Register(meters.Dispose);
        Dialer.Grains.Reports.DialerMetrics.ShowZeros();
        ShowGauges(registry, app.Services.GetRequiredService<LiveFigures>(), app.Services.GetRequiredService<AsteriskNodes>());
        app.MapMetrics(registry: registry);
    }

    // What Orleans counts with each message, and Polly with each look into the grain directory, took a tenth of the silo's time. What they
    // are asked for when somebody looks costs nothing.
    private static bool IsAffordable(Instrument instrument) => instrument.IsObservable || instrument.Meter.Name is not ("Microsoft.Orleans" or "Polly");

    private static double[] Buckets(Instrument instrument) =>
        (instrument as System.Diagnostics.Metrics.Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray()
        ?? MeterAdapterOptions.DefaultHistogramBuckets;

    private static void ShowGauges(CollectorRegistry registry, LiveFigures figures, AsteriskNodes nodes)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        var gauges = new Dictionary<Figure, Gauge>
        {
            [Figure.TrunkLines] = factory.CreateGauge("dialer_trunk_lines", "Lines of the trunks that this silo looks after.", "tenant", "trunk"),
            [Figure.TrunkLinesInUse] = factory.CreateGauge("dialer_trunk_lines_in_use", "Permits that are out.", "tenant", "trunk"),
            [Figure.CampaignBuffer] = factory.CreateGauge("dialer_campaign_buffer", "Claimed contacts that wait for a line.", "tenant", "campaign"),
            [Figure.QueueCallers] = factory.CreateGauge("dialer_queue_callers", "Callers that wait for an operator.", "tenant", "queue"),
        };
        var connected = factory.CreateGauge("dialer_node_connected", "1 while calls can go through the node.", "node");
        var calls = factory.CreateGauge("dialer_node_calls", "Attempts in flight on the node.", "node");
        registry.AddBeforeCollectCallback(() =>
        {
            Show(gauges, figures.Read());
            foreach (var node in nodes.Known)
            {
                connected.WithLabels(node.Id).Set(node.Connected ? 1 : 0);
                calls.WithLabels(node.Id).Set(node.Calls);
            }
        });
    }

    private static void Show(Dictionary<Figure, Gauge> gauges, IReadOnlyList<(Figure Figure, string Key, int Value)> shown)
    {
        foreach (var (figure, gauge) in gauges)
        {
            // A trunk that moved to another silo is shown there, and no longer here.
            var present = shown.Where(s => s.Figure == figure).ToDictionary(s => Keys.Split(s.Key), s => s.Value);
            foreach (var labels in gauge.GetAllLabelValues().Where(labels => !present.ContainsKey((labels[0], labels[1]))).ToArray())
                gauge.RemoveLabelled(labels);
            foreach (var ((tenant, id), value) in present)
                gauge.WithLabels(tenant, id).Set(value);
        }
    }
}
