using Dialer.Grains.Trunks;
using Xunit;

namespace Dialer.Tests.Trunks;

public sealed class TrunkPauseTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 7, 0, 0, TimeSpan.Zero);
    private readonly TrunkPause _pause = new();

    [Fact]
    public void Pauses_double_from_five_seconds_to_two_minutes()
    {
        var now = s_now;
        var pauses = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            _pause.Note(LineReturn.GatewayDown, now);
            pauses.Add((_pause.Until!.Value - now).TotalSeconds);
            now = _pause.Until.Value;
        }

        Assert.Equal([5.0, 10, 20, 40, 80, 120, 120], pauses);
        Assert.True(_pause.IsDown);
    }

    [Fact]
    public void Calls_that_fail_together_are_one_failure()
    {
        for (var i = 0; i < 50; i++)
            _pause.Note(LineReturn.GatewayDown, s_now.AddMilliseconds(i));
        Assert.Equal(s_now.AddSeconds(5), _pause.Until);
    }

    [Fact]
    public void A_call_that_was_carried_ends_the_pause()
    {
        _pause.Note(LineReturn.GatewayDown, s_now);
        _pause.Note(LineReturn.Unused, s_now);
        Assert.NotNull(_pause.Until);
        _pause.Note(LineReturn.Carried, s_now);
        Assert.Null(_pause.Until);
        Assert.False(_pause.IsDown);
        _pause.Note(LineReturn.GatewayDown, s_now);
        Assert.Equal(s_now.AddSeconds(5), _pause.Until);
    }

    [Fact]
    public void Ten_congestions_in_a_row_concern_the_carrier_and_nine_do_not()
    {
        for (var i = 0; i < 9; i++)
            _pause.Note(LineReturn.Congested, s_now);
        Assert.Null(_pause.Until);
        _pause.Note(LineReturn.Carried, s_now);
        for (var i = 0; i < 9; i++)
            _pause.Note(LineReturn.Congested, s_now);
        Assert.Null(_pause.Until);
        _pause.Note(LineReturn.Congested, s_now);
        Assert.Equal(s_now.AddSeconds(5), _pause.Until);
    }

    [Fact]
    public void A_week_of_failures_overflows_nothing()
    {
        var now = s_now;
        for (var i = 0; i < 5000; i++)
        {
            _pause.Note(LineReturn.GatewayDown, now);
            Assert.InRange((_pause.Until!.Value - now).TotalSeconds, 5, 120);
            now = _pause.Until.Value;
        }
    }
}
