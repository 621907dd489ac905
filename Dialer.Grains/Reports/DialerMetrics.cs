using System.Diagnostics.Metrics;
using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Calls;

namespace Dialer.Grains.Reports;

/// <summary>
/// What the silo counts for <c>/metrics</c>, which puts the meter's name before each. Labels are bounded: tenants, trunks, verdicts, kinds;
/// never numbers or ids of calls.
/// </summary>
public static class DialerMetrics
{
    private static readonly Meter Meter = new("Dialer");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("attempts_ended", description: "Attempts that ended, by verdict.");
    private static readonly Histogram<double> Talk = Meter.CreateHistogram(
        "talk_seconds", "s", "From answer to hang-up.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600] });

    private static readonly Histogram<double> Lag = Meter.CreateHistogram(
        "event_lag_seconds", "s", "From an event in Asterisk, by its clock, to its call's grain.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] });

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "grain_call_failures", description: "Calls between grains that failed and were left to a retry or to reconciliation, by what they were for.");

    /// <summary>Shows failures before the first: a counter that appears with one on it shows no increase.</summary>
    public static void ShowZeros()
    {
        foreach (var purpose in (ReadOnlySpan<string>)["start", "node", "event", "end", "ping"])
            Failures.Add(0, new KeyValuePair<string, object?>("purpose", purpose));
    }

    public static void AttemptEnded(Verdict verdict, string trunkKey, TimeSpan lasted)
    {
        var (tenant, trunk) = Keys.Split(trunkKey);
        Ended.Add(1, new("verdict", verdict.ToString()), new("tenant", tenant), new("trunk", trunk));
        if (lasted > TimeSpan.Zero)
            Talk.Record(lasted.TotalSeconds);
    }

    /// <summary>An event has reached its call. Clocks that disagree by a little make no negative lag.</summary>
    public static void EventArrived(CallEvent happened, DateTimeOffset now) => Lag.Record(Math.Max(0, (now - happened.At).TotalSeconds));

    /// <param name="purpose">What the call was for: one of the words above.</param>
    public static void GrainCallFailed(string purpose) => Failures.Add(1, new KeyValuePair<string, object?>("purpose", purpose));
}
