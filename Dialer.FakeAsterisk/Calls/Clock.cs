using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Dialer.Simulation.Calls;

/// <summary>Microseconds of Unix time that never go back: the machine's clock at the start, and what has passed since.</summary>
internal sealed class Clock
{
    private readonly long _origin = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _formatted = -1;
    private byte[] _text = [];

    public long Now => _origin + (Stopwatch.GetElapsedTime(_started).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>As Asterisk writes times: <c>2026-01-31T12:00:00.123+0000</c>.</summary>
    public byte[] Format(long now)
    {
        var millisecond = now / 1000;
        if (millisecond != _formatted)
        {
            _formatted = millisecond;
            _text = Encoding.ASCII.GetBytes(
                DateTimeOffset.FromUnixTimeMilliseconds(millisecond).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture));
        }

        return _text;
    }
}
