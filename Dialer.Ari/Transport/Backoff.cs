namespace Dialer.Ari.Transport;

/// <summary>How long to wait before the next attempt.</summary>
internal static class Backoff
{
    /// <summary>
    /// Between half and the whole of <paramref name="min"/> doubled <paramref name="failures"/> times, never above
    /// <paramref name="max"/>: many clients of one server that restarted do not come back in step.
    /// </summary>
    /// <param name="failures">Failed attempts since the last good one, from 0.</param>
    /// <param name="min">Wait before the first attempt.</param>
    /// <param name="max">Longest wait.</param>
    /// <param name="chance">A number from 0 up to 1.</param>
    public static TimeSpan Next(int failures, TimeSpan min, TimeSpan max, double chance)
    {
        var whole = Math.Min(max.TotalMilliseconds, min.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)));
        return TimeSpan.FromMilliseconds((whole / 2) + (whole / 2 * chance));
    }
}
