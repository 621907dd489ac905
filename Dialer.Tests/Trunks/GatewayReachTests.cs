using Dialer.Grains.Trunks;
using Xunit;

namespace Dialer.Tests.Trunks;

/// <summary>When a trunk's gateway is taken for dead.</summary>
public sealed class GatewayReachTests
{
    private readonly GatewayReach _reach = new();

    [Fact]
    public void A_gateway_is_down_when_no_connected_node_reaches_it()
    {
        Assert.False(_reach.IsDown(["one", "two"]));
        Assert.True(_reach.Note("one", reachable: false));
        Assert.False(_reach.IsDown(["one", "two"]));
        Assert.True(_reach.IsDown(["one"]));
        Assert.True(_reach.Note("two", reachable: false));
        Assert.True(_reach.IsDown(["two", "one"]));
        Assert.Equal(["one", "two"], _reach.Silent!.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_a_connected_node_nothing_is_known()
    {
        _reach.Note("one", reachable: false);
        Assert.False(_reach.IsDown([]));
    }

    [Fact]
    public void Only_a_change_is_news()
    {
        Assert.False(_reach.Note("one", reachable: true));
        Assert.True(_reach.Note("one", reachable: false));
        Assert.False(_reach.Note("one", reachable: false));
        Assert.True(_reach.Note("one", reachable: true));
        Assert.Null(_reach.Silent);
    }

    [Fact]
    public void Of_another_gateway_nothing_is_known()
    {
        _reach.Note("one", reachable: false);
        _reach.Forget();
        Assert.Null(_reach.Silent);
        Assert.False(_reach.IsDown(["one"]));
    }
}
