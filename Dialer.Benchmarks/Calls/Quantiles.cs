namespace Dialer.Benchmarks.Calls;

/// <summary>How measured times are spread, in milliseconds.</summary>
internal sealed record Quantiles(int Count, double P50, double P99, double Max)
{
    /// <exception cref="InvalidOperationException">There is nothing to measure.</exception>
    public static Quantiles Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(t => t.TotalMilliseconds).Order().ToList();
        return sorted.Count == 0
            ? throw new InvalidOperationException("Nothing was measured: no such moment came in the time of the benchmark.")
            : new Quantiles(sorted.Count, At(sorted, 0.5), At(sorted, 0.99), Math.Round(sorted[^1], 1));
    }

    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p50 {P50:0.0} ms, p99 {P99:0.0} ms, longest {Max:0.0} ms, of {Count}");

    private static double At(List<double> sorted, double share) =>
        Math.Round(sorted[(int)Math.Ceiling(share * sorted.Count) - 1], 1);
}
