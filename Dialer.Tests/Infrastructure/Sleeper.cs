using Microsoft.Extensions.Time.Testing;

namespace Dialer.Tests.Infrastructure;

/// <summary>A clock whose process may stand still: then no timer fires, and time has passed all the same.</summary>
public sealed class Sleeper : FakeTimeProvider
{
    private long _slept;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _slept);

    public void Sleep(TimeSpan time) => Interlocked.Add(ref _slept, (long)(time.TotalSeconds * TimestampFrequency));

    public void Beat(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(250))
            Advance(TimeSpan.FromMilliseconds(250));
    }
}
