namespace Dialer.Grains.Nodes;

/// <summary>
/// The channels that a node was asked to make in the last 15 to 30 s. A silo that was declared dead may wake and ask for a call that was placed in its
/// stead, up to 10 s after the attempt was written; by then the call can be over, so that Asterisk itself would not know it.
/// </summary>
public sealed class RecentOriginates(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(15);

    private HashSet<string> _now = new(StringComparer.Ordinal);
    private HashSet<string> _before = new(StringComparer.Ordinal);
    private long _since = time.GetTimestamp();

    /// <summary>Whether the channel is asked for the first time.</summary>
    public bool Add(string channel)
    {
        if (time.GetElapsedTime(_since) > Kept)
            (_before, _now, _since) = (_now, new(StringComparer.Ordinal), time.GetTimestamp());
        return !_before.Contains(channel) && _now.Add(channel);
    }
}
