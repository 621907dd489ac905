using Dialer.Grains.Nodes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>A silo that has slept acts for its calls only where the cluster still counts it.</summary>
public sealed class SiloPulseTests
{
    private readonly Sleeper _clock = new();
    private int _asked;
    private bool _isMember = true;
    private bool _fails;

    [Fact]
    public async Task Who_is_awake_asks_nobody()
    {
        using var pulse = Pulse();
        _clock.Beat(TimeSpan.FromSeconds(60));
        Assert.True(await pulse.MayActAsync());
        Assert.Equal(0, _asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_has_slept_asks_the_table_before_its_timers_have_beaten(bool may)
    {
        using var pulse = Pulse();
        _isMember = may;
        _clock.Sleep(TimeSpan.FromSeconds(5));
        var asked = pulse.MayActAsync();
        _clock.Beat(TimeSpan.FromSeconds(1));
        Assert.Equal(may, await asked);
        Assert.True(_asked > 0);
        // And again after the timers went on, where it is dead.
        Assert.Equal(may, await pulse.MayActAsync());
    }

    [Fact]
    public async Task A_sleep_that_only_its_timer_has_noticed_counts()
    {
        using var pulse = Pulse();
        _isMember = false;
        _clock.Sleep(TimeSpan.FromSeconds(5));
        _clock.Beat(TimeSpan.FromSeconds(1));
        Assert.False(await pulse.MayActAsync());
    }

    [Fact]
    public async Task As_long_as_the_table_does_not_answer_nothing_is_done()
    {
        using var pulse = Pulse();
        _fails = true;
        _clock.Sleep(TimeSpan.FromSeconds(5));
        var asked = pulse.MayActAsync();
        await Eventually.SeeAsync(() => _asked > 0 ? "met" : null, "a question", TimeSpan.FromSeconds(10));
        Assert.False(asked.IsCompleted);
        _fails = false;
        await Eventually.SeeAsync(
            () =>
            {
                _clock.Beat(TimeSpan.FromSeconds(1));
                return asked.IsCompleted ? "met" : null;
            },
            "an answer",
            TimeSpan.FromSeconds(10));
        Assert.True(await asked);
    }

    private SiloPulse Pulse() => new(
        _ =>
        {
            Interlocked.Increment(ref _asked);
            return _fails ? throw new TimeoutException("The database does not answer.") : Task.FromResult(_isMember);
        },
        _clock, NullLogger<SiloPulse>.Instance);
}
