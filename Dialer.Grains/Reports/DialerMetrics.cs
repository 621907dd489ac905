using System.Diagnostics.Metrics;
using Dialer.Grains.Interfaces.Calls;

namespace Dialer.Grains.Reports;

/// <summary>What the silo counts for <c>/metrics</c>, which puts the meter's name before each. Labels are bounded: verdicts, never numbers or ids.</summary>
public static class DialerMetrics
{
    private static readonly Meter Meter = new("Dialer");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("attempts_ended", description: "Attempts that ended, by verdict.");
    private static readonly Histogram<double> Talk = Meter.CreateHistogram<double>("talk_seconds", "s", "From answer to hang-up.");

    public static void AttemptEnded(Verdict verdict, TimeSpan lasted)
    {
        Ended.Add(1, new KeyValuePair<string, object?>("verdict", verdict.ToString()));
        if (lasted > TimeSpan.Zero)
            Talk.Record(lasted.TotalSeconds);
    }
}
