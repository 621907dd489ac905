using System.Diagnostics;
using Dialer.Storage.Database;

namespace Dialer.Storage.Calls;

/// <summary>
/// Spans of attempts. A trace's id is the attempt's id without its dashes, so whatever process works for an attempt, and whichever died
/// before it, adds to the same trace, and who knows an attempt finds its trace (docs/decisions/0015). Nothing is made while nobody listens.
/// </summary>
public static class AttemptTraces
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "Dialer";

    /// <summary>The attribute with the attempt's id.</summary>
    public const string AttemptTag = "dialer.attempt";

    /// <summary>Whether anybody listens.</summary>
    public static bool AreWatched => Traces.Source.HasListeners();

    /// <summary>The trace of an attempt.</summary>
    public static ActivityTraceId TraceOf(Guid attempt) => ActivityTraceId.CreateFromString(attempt.ToString("N"));

    /// <summary>
    /// Begins a span: under the current one where that is the attempt's too, under <paramref name="known"/> where that is, or else as a
    /// root of its trace.
    /// </summary>
    /// <param name="known">A span of the attempt that the caller has kept.</param>
    /// <param name="since">When it began; null for now.</param>
    public static Activity? Start(string name, Guid attempt, ActivityContext known = default, DateTimeOffset? since = null)
    {
        if (!AreWatched)
            return null;
        var current = Activity.Current?.Context ?? default;
        return Begin(name, attempt, current.TraceId == TraceOf(attempt) ? current : known, since);
    }

    /// <summary>A span of something that is over, with the step of the dial plan that it was spent in, if any.</summary>
    public static void Record(string name, Guid attempt, ActivityContext known, DateTimeOffset began, DateTimeOffset ended, string? step = null)
    {
        var span = AreWatched ? Begin(name, attempt, known, began) : null;
        span?.SetTag("dialer.step", step).SetEndTime(ended.UtcDateTime).Stop();
    }

    /// <summary>Has every piece of work for an attempt carry its trace id, so that each line of the log can show it, without recording spans.</summary>
    /// <returns>Ends that.</returns>
    public static IDisposable KeepForLogs()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static Activity? Begin(string name, Guid attempt, ActivityContext known, DateTimeOffset? since)
    {
        var trace = TraceOf(attempt);
        // Without a span of its own the context makes a root; the trace's id is all that is taken from it.
        var parent = known.TraceId == trace ? known : new ActivityContext(trace, default, ActivityTraceFlags.None);
        return Traces.Source.StartActivity(name, ActivityKind.Internal, parent, startTime: since ?? default)?.SetTag(AttemptTag, attempt.ToString());
    }
}
