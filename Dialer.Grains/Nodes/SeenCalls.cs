namespace Dialer.Grains.Nodes;

/// <summary>
/// When the calls of a node were last seen there: how long one lasted whose end nobody has told, be it that its hang-up was lost or that the
/// socket was; and which of them could not be asked since. Of calls that this owner has not seen its predecessor may have. Thread-safe.
/// </summary>
/// <param name="before">When all calls of the node were last seen by the owner before; null where there was none.</param>
public sealed class SeenCalls(DateTimeOffset? before)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unasked = new(StringComparer.Ordinal);
    private readonly DateTimeOffset? _before = before;
    private DateTimeOffset? _lookedAt = before;

    /// <summary>When that call was last seen; null where nobody knows.</summary>
    public DateTimeOffset? At(string call)
    {
        lock (_lock)
            return _seen.TryGetValue(call, out var at) ? at : _before;
    }

    /// <summary>These calls were there at that moment.</summary>
    public void Note(IEnumerable<string> present, DateTimeOffset at)
    {
        lock (_lock)
        {
            foreach (var call in present)
                if (!_seen.TryGetValue(call, out var known) || known < at)
                    _seen[call] = at;
            if (_lookedAt is not { } last || last < at)
                _lookedAt = at;
        }
    }

    /// <summary>
    /// The latest moment at which all of these calls were there, for whoever has the node next; calls that are not among them are forgotten.
    /// Null where there was none.
    /// </summary>
    /// <param name="open">Every answered call that has no end yet, with the moment of its answer.</param>
    public DateTimeOffset? AllAt(IReadOnlyDictionary<string, DateTimeOffset> open)
    {
        lock (_lock)
        {
            var all = open.Select(call => Later(_seen.GetValueOrDefault(call.Key, _before ?? call.Value), call.Value)).Cast<DateTimeOffset?>()
                .Append(_lookedAt).Min();
            foreach (var (call, at) in _seen)
                if (at < _lookedAt && !open.ContainsKey(call))
                    _seen.Remove(call);
            return all;
        }
    }

    /// <summary>Events of that call may be lost, and it could not be asked how it stands.</summary>
    public void Unasked(string call)
    {
        lock (_lock)
            _unasked.Add(call);
    }

    /// <summary>It was asked, or has ended.</summary>
    public void Asked(string call)
    {
        lock (_lock)
            _unasked.Remove(call);
    }

    /// <summary>Whether it is still to be asked after a gap.</summary>
    public bool IsUnasked(string call)
    {
        lock (_lock)
            return _unasked.Contains(call);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> AllUnasked()
    {
        lock (_lock)
            return [.. _unasked];
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
