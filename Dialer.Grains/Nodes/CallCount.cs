namespace Dialer.Grains.Nodes;

/// <summary>
/// How many calls a node has: what was counted now and then, and what has begun and ended since. A beat is seconds old, and in a second
/// hundreds of calls begin. Thread-safe.
/// </summary>
public sealed class CallCount
{
    private readonly Lock _lock = new();
    private int _counted;
    private int _since;

    /// <summary>Calls at this moment.</summary>
    public int Now
    {
        get
        {
            lock (_lock)
                return Math.Max(0, _counted + _since);
        }
    }

    /// <summary>A call begins.</summary>
    public void Began() => Move(1);

    /// <summary>A call is over, or never came to be.</summary>
    public void Ended() => Move(-1);

    /// <summary>Puts a count in the place of everything known.</summary>
    public void Counted(int calls)
    {
        lock (_lock)
            (_counted, _since) = (calls, 0);
    }

    private void Move(int by)
    {
        lock (_lock)
            _since += by;
    }
}
