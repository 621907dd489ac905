using System.Text.Json;
using Dialer.Chaos;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Web.Rest;
using Xunit;

namespace Dialer.Tests.Chaos;

/// <summary>The hours of the chaos programs that set clocks: whoever goes by a wrong clock calls when nobody may, and only then.</summary>
public sealed class HoursTests
{
    private static readonly TimeSpan ClosesIn = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ClosedFor = TimeSpan.FromSeconds(60);
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById(Hours.Zone);

    [Theory]
    [InlineData("2026-03-10T12:00:00.7Z")]
    // The open hours, the closed minute, or those of a wrong clock reach across midnight.
    [InlineData("2026-03-10T23:58:17Z")]
    [InlineData("2026-03-10T23:58:30Z")]
    [InlineData("2026-03-10T23:59:00Z")]
    [InlineData("2026-03-10T23:40:00Z")]
    [InlineData("2026-03-10T22:58:30Z")]
    [InlineData("2026-03-11T00:02:00Z")]
    [InlineData("2026-03-11T00:58:30Z")]
    // London's and Berlin's clocks are set at 01:00.
    [InlineData("2026-03-29T00:40:00Z")]
    public void A_clock_that_is_an_hour_wrong_calls_in_the_closed_minute_alone(string start)
    {
        var now = DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture);
        var hours = Hours.AcrossSteps(now, ClosesIn, ClosedFor);
        var closed = hours.Closed!.Value;
        Assert.Equal(ClosedFor, closed.To - closed.From);
        Assert.InRange(closed.From - now, ClosesIn - TimeSpan.FromSeconds(1), ClosesIn);
        var calling = new CallingHours(JsonSerializer.Deserialize<CallingWindow[]>(JsonSerializer.Serialize(hours.Schedule), RestJson.Options)!);
        for (var at = now - TimeSpan.FromMinutes(4); at < now + TimeSpan.FromMinutes(49); at += TimeSpan.FromSeconds(0.5))
        {
            var isClosed = at >= closed.From && at < closed.To;
            Assert.True(calling.IsOpen(at, Zone) != isClosed, $"at {at:HH:mm:ss.f}");
            Assert.True(calling.IsOpen(at + TimeSpan.FromHours(1), Zone) == isClosed, $"an hour ahead at {at:HH:mm:ss.f}");
            Assert.True(calling.IsOpen(at - TimeSpan.FromHours(1), Zone) == isClosed, $"an hour behind at {at:HH:mm:ss.f}");
        }
    }

    [Fact]
    public void Without_clocks_to_set_it_is_always_open() => Assert.Null(Hours.Always.Closed);
}
