namespace Dialer.Grains.Trunks;

/// <summary>
/// How many calls may start per second. Starts are spaced evenly, with bursts of a tenth of a second's worth after a pause; and in no
/// second, wherever it begins, are there more than the rate (rounded up). For one caller at a time.
/// </summary>
public sealed class StartRate
{
    private readonly long _spacing;
    private readonly long _slack;
    private readonly long[] _starts;
    private int _oldest;
    private long _even = long.MinValue / 2;
    private long _latest = long.MinValue / 2;

    /// <param name="perSecond">Starts per second, 0.001 to 100,000; 0.5 is one every two seconds.</param>
    /// <param name="usedUntil">Until when somebody else has started calls at this rate, and nobody knows how many; null for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is outside these bounds.</exception>
    public StartRate(double perSecond, DateTimeOffset? usedUntil = null)
    {
        if (!(perSecond is >= 0.001 and <= 100_000))
        {
            throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "A start rate is 0.001 to 100,000 calls per second.");
        }

        _spacing = (long)Math.Ceiling(TimeSpan.TicksPerSecond / perSecond);
        var burst = Math.Max(1, (long)(perSecond / 10));
        _slack = (burst - 1) * _spacing;
        _starts = new long[(int)Math.Ceiling(perSecond)];
        Array.Fill(_starts, usedUntil?.UtcTicks ?? long.MinValue / 2);
        if (usedUntil is { } until)
            (_latest, _even) = (until.UtcTicks, until.UtcTicks + _spacing);
    }

    /// <summary>Takes the right to start one call now, or says no and changes nothing.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        Follow(now.UtcTicks);
        if (now.UtcTicks < Earliest)
        {
            return false;
        }

        _even = Math.Max(_even, now.UtcTicks) + _spacing;
        _latest = now.UtcTicks;
        _starts[_oldest] = now.UtcTicks;
        _oldest = (_oldest + 1) % _starts.Length;
        return true;
    }

    /// <summary>The first moment from <paramref name="now"/> on at which <see cref="TryTake"/> will say yes, in UTC.</summary>
    public DateTimeOffset NextAt(DateTimeOffset now)
    {
        Follow(now.UtcTicks);
        return new DateTimeOffset(Math.Max(now.UtcTicks, Earliest), TimeSpan.Zero);
    }

    private long Earliest => Math.Max(_even - _slack, _starts[_oldest] + TimeSpan.TicksPerSecond);

    // A clock that was set back must not stop all calls until it has caught up: the distances between starts are kept instead.
    private void Follow(long now)
    {
        var back = _latest - now;
        if (back <= 0)
        {
            return;
        }

        _latest -= back;
        _even -= back;
        for (var i = 0; i < _starts.Length; i++)
        {
            _starts[i] -= back;
        }
    }
}
