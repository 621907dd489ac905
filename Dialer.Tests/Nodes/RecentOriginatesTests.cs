using Dialer.Grains.Nodes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Nodes;

public sealed class RecentOriginatesTests
{
    [Fact]
    public void A_channel_is_known_for_fifteen_seconds_and_forgotten_after_more_than_thirty()
    {
        var clock = new FakeTimeProvider();
        var recent = new RecentOriginates(clock);
        Assert.True(recent.Add("first"));
        for (var second = 0; second < 15; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(recent.Add("first"));
            Assert.True(recent.Add($"another {second}"));
        }

        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.True(recent.Add("last"));
        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.True(recent.Add("first"));
    }
}
