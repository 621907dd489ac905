using System.Globalization;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Watching;

namespace Dialer.Benchmarks.Sizes;

/// <summary>What a silo says of itself at <c>/metrics</c>.</summary>
internal sealed class SiloFigures
{
    private static readonly double[] Bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
    private readonly Exposition _metrics;

    private SiloFigures(Exposition metrics) => _metrics = metrics;

    /// <summary>The GC's heap after its last collection, in megabytes.</summary>
    public double HeapMb => (_metrics.Sum("dotnet_total_memory_bytes") ?? 0) / (1 << 20);

    public static async Task<SiloFigures> ReadAsync(DialerInstallation dialer, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return new SiloFigures(new Exposition(await http.GetStringAsync(new Uri(dialer.SiloUrls[0], "/metrics"), cancellationToken)));
    }

    /// <summary>How long claims took since <paramref name="before"/>, seen from the silo: the mean, and the bucket that has the 99th percentile.</summary>
    public ClaimTimes ClaimsSince(SiloFigures before)
    {
        var claims = Since(before, "dialer_claim_seconds_count");
        var bound = Bounds.FirstOrDefault(b => Since(before, "dialer_claim_seconds_bucket", string.Create(CultureInfo.InvariantCulture, $"le=\"{b}\"")) >= 0.99 * claims, double.PositiveInfinity);
        return new ClaimTimes((long)claims, claims == 0 ? 0 : 1000 * Since(before, "dialer_claim_seconds_sum") / claims, 1000 * bound);
    }

    private double Since(SiloFigures before, string name, params string[] labels) =>
        (_metrics.Sum(name, labels) ?? 0) - (before._metrics.Sum(name, labels) ?? 0);
}

/// <summary>How long claims took.</summary>
/// <param name="Claims">How many.</param>
/// <param name="MeanMs">On the average.</param>
/// <param name="P99BelowMs">99 of 100 took less than this.</param>
internal sealed record ClaimTimes(long Claims, double MeanMs, double P99BelowMs);
