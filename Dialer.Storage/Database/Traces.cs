using System.Diagnostics;

namespace Dialer.Storage.Database;

/// <summary>The spans of Dialer's own work, and those of statements that carry the writes of many calls.</summary>
internal static class Traces
{
    // A batch may be of hundreds; a trace with so many links can't be read.
    private const int MostLinks = 50;

    public static readonly ActivitySource Source = new("Dialer");

    /// <summary>
    /// The span of a group commit: in the trace of the first call that asked, with links to the others' and from theirs. Null where nobody
    /// is traced.
    /// </summary>
    public static Activity? Commit(string write, IEnumerable<Activity?> askers)
    {
        if (!Source.HasListeners())
            return null;
        var traced = askers.OfType<Activity>().Where(a => a.Recorded).Take(MostLinks).ToList();
        if (traced.Count == 0)
            return null;
        var span = Source.StartActivity($"commit {write}", ActivityKind.Internal, traced[0].Context, links: traced.Skip(1).Select(a => new ActivityLink(a.Context)));
        foreach (var other in span is null ? [] : traced.Skip(1))
            other.AddLink(new ActivityLink(span!.Context));
        return span;
    }
}
