using Dialer.Grains.Nodes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Nodes;

public sealed class RecentOriginatesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _asked = [];
    private readonly RecentOriginates _recent;

    public RecentOriginatesTests() => _recent = new RecentOriginates(_clock);

    [Fact]
    public async Task A_channel_is_known_for_fifteen_seconds_and_forgotten_after_more_than_thirty()
    {
        await OrderAsync("first");
        for (var second = 0; second < 15; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await OrderAsync("first");
            await OrderAsync($"another {second}");
        }

        Assert.Equal(["first", .. Enumerable.Range(0, 15).Select(second => $"another {second}")], _asked);
        _asked.Clear();
        _clock.Advance(TimeSpan.FromSeconds(16));
        await OrderAsync("last");
        _clock.Advance(TimeSpan.FromSeconds(16));
        await OrderAsync("first");
        Assert.Equal(["last", "first"], _asked);
    }

    [Fact]
    public async Task Who_asks_while_the_first_order_is_under_way_waits_for_its_answer()
    {
        var placed = new TaskCompletionSource<NodeAnswer>();
        var first = _recent.OnceAsync("one", () => placed.Task);
        var second = OrderAsync("one");
        Assert.False(second.IsCompleted);
        placed.SetResult(NodeAnswer.Done);
        Assert.Equal((NodeAnswer.Done, NodeAnswer.Done), (await first, await second));
        Assert.Empty(_asked);
    }

    private Task<NodeAnswer> OrderAsync(string channel) => _recent.OnceAsync(channel, () =>
    {
        _asked.Add(channel);
        return Task.FromResult(NodeAnswer.Gone);
    });
}
