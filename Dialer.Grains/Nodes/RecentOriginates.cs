namespace Dialer.Grains.Nodes;

/// <summary>
/// What came of the channels that a node was asked to make in the last 15 to 30 s, so that each is asked of Asterisk once. A call whose silo dies
/// is asked for again while the first order, passed on by that silo, waits here for the node; and one that was declared dead may wake and ask for a
/// call that was placed in its stead, which can be over by then, so that Asterisk itself would not know it.
/// </summary>
public sealed class RecentOriginates(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(15);

    private Dictionary<string, Task<NodeAnswer>> _now = new(StringComparer.Ordinal);
    private Dictionary<string, Task<NodeAnswer>> _before = new(StringComparer.Ordinal);
    private long _since = time.GetTimestamp();

    /// <summary>The answer to the first order for the channel, also while it is under way.</summary>
    /// <param name="channel">Its id.</param>
    /// <param name="first">Carries out the order where it is the first.</param>
    public Task<NodeAnswer> OnceAsync(string channel, Func<Task<NodeAnswer>> first)
    {
        if (time.GetElapsedTime(_since) > Kept)
            (_before, _now, _since) = (_now, new(StringComparer.Ordinal), time.GetTimestamp());
        if (_before.TryGetValue(channel, out var answer) || _now.TryGetValue(channel, out answer))
            return answer;
        // Noted before it runs: whoever comes while it does waits for the same answer.
        return _now[channel] = AnswerAsync(first);
    }

    // A task of its own, which keeps nothing but the answer.
    private static async Task<NodeAnswer> AnswerAsync(Func<Task<NodeAnswer>> first) => await first();
}
