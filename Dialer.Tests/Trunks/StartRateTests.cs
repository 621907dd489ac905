using CsCheck;
using Dialer.Grains.Trunks;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Trunks;

public sealed class StartRateTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 9, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Starts_are_spaced_by_the_rate()
    {
        var rate = new StartRate(10);
        Assert.True(rate.TryTake(Start));
        Assert.False(rate.TryTake(Start.AddMilliseconds(99)));
        Assert.Equal(Start.AddMilliseconds(100), rate.NextAt(Start));
        Assert.True(rate.TryTake(Start.AddMilliseconds(100)));
    }

    [Fact]
    public void A_rate_below_one_waits_longer_than_a_second()
    {
        var rate = new StartRate(0.5);
        Assert.True(rate.TryTake(Start));
        Assert.False(rate.TryTake(Start.AddSeconds(1.9)));
        Assert.True(rate.TryTake(Start.AddSeconds(2)));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(10, 1)]
    [InlineData(0.5, 2)]
    public void What_somebody_else_may_have_started_in_the_last_second_counts(double perSecond, double seconds)
    {
        var rate = new StartRate(perSecond, Start);
        Assert.False(rate.TryTake(Start.AddSeconds(seconds).AddMilliseconds(-1)));
        Assert.Equal(Start.AddSeconds(seconds), rate.NextAt(Start));
        Assert.True(rate.TryTake(Start.AddSeconds(seconds)));
    }

    [Fact]
    public void After_a_pause_a_tenth_of_a_second_may_start_at_once()
    {
        var rate = new StartRate(100);
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => rate.TryTake(Start)));
    }

    [Fact]
    public void A_clock_that_was_set_back_delays_starts_by_no_more_than_before()
    {
        var rate = new StartRate(10);
        Assert.True(rate.TryTake(Start));
        var before = Start.AddHours(-1);
        Assert.False(rate.TryTake(before));
        Assert.Equal(before.AddMilliseconds(100), rate.NextAt(before));
        Assert.True(rate.TryTake(before.AddMilliseconds(100)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100_001)]
    [InlineData(double.NaN)]
    public void A_rate_that_is_none_is_refused(double perSecond) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StartRate(perSecond));

    private static readonly Gen<double> GenRate = Gen.OneOf(Gen.Double[0.2, 5], Gen.Double[5, 300], Gen.Int[1, 300].Select(i => (double)i));

    [Fact]
    public void In_no_second_wherever_it_begins_are_there_more_starts_than_the_rate() =>
        Gen.Select(GenRate, Gen.Int[0, 40].Array[50, 2000]).Sample((perSecond, steps) =>
        {
            var (rate, now, taken) = (new StartRate(perSecond), Start, new List<DateTimeOffset>());
            foreach (var step in steps)
            {
                now = now.AddMilliseconds(step * step / 20.0);
                while (rate.TryTake(now))
                {
                    taken.Add(now);
                }
            }

            var most = (int)Math.Ceiling(perSecond);
            for (var i = most; i < taken.Count; i++)
            {
                if (taken[i] - taken[i - most] < TimeSpan.FromSeconds(1))
                    Assert.Fail($"{most + 1} starts within {taken[i] - taken[i - most]}");
            }
        }, iter: Cases.Of(300), print: c => $"{c.Item1}/s, {c.Item2.Length} steps");

    [Fact]
    public void Waiting_for_the_next_moment_uses_the_whole_rate_and_no_moment_before_it_serves() =>
        GenRate.Sample(perSecond =>
        {
            var (rate, now, count) = (new StartRate(perSecond), Start, 0);
            while (true)
            {
                var next = rate.NextAt(now);
                Assert.False(next > now && rate.TryTake(next.AddTicks(-1)), "an earlier moment served");
                now = next;
                if (now >= Start.AddSeconds(20))
                {
                    break;
                }

                Assert.True(rate.TryTake(now), "the moment named did not serve");
                count++;
            }

            Assert.InRange(count, (20 * perSecond) - 1, (20 * perSecond) + 1 + (perSecond / 10));
        }, iter: Cases.Of(200));
}
