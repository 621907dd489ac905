using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Dialer.Storage.Database;

/// <summary>What the database costs, for <c>/metrics</c>. Recorded once for each statement, not for each of the calls that share it.</summary>
internal static class StorageMetrics
{
    // From a commit on a good disk to a statement that a lock held up.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    };

    private static readonly Meter Meter = new("Dialer");
    private static readonly Histogram<double> Claim = Meter.CreateHistogram("claim_seconds", "s", "One claim of due contacts.", advice: Seconds);
    private static readonly Counter<long> Claimed = Meter.CreateCounter<long>("claimed_contacts", description: "Contacts that claims returned.");
    private static readonly Histogram<double> Commit = Meter.CreateHistogram(
        "commit_seconds", "s", "One statement that carries the writes of many calls, by what they write.", advice: Seconds);

    private static readonly Histogram<double> Batch = Meter.CreateHistogram(
        "commit_writes", description: "Writes in one such statement.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500] });

    public static void ClaimTook(long began, int contacts)
    {
        Claim.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        Claimed.Add(contacts);
    }

    public static void CommitTook(string write, long began, int writes)
    {
        var label = new KeyValuePair<string, object?>("write", write);
        Commit.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, label);
        Batch.Record(writes, label);
    }
}
