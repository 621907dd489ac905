using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Nodes;
using Orleans.Runtime;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Which node is given the next call.</summary>
public sealed class AsteriskNodesTests
{
    private readonly AsteriskNodes _nodes = new([Node("large", 300), Node("small", 100)], grains: null!);

    [Fact]
    public void A_burst_between_two_beats_is_spread_by_free_capacity_and_goes_beyond_no_node()
    {
        Connect("large");
        Connect("small");
        var given = Enumerable.Range(0, 400).Select(_ => _nodes.Take()).ToList();
        Assert.InRange(given.Take(40).Count(id => id == "small"), 8, 12);
        Assert.Equal((300, 100), (given.Count(id => id == "large"), given.Count(id => id == "small")));
        Assert.Null(_nodes.Take());
        Assert.Contains("as many calls", _nodes.WhyNone()!, StringComparison.Ordinal);
        _nodes.Left("small");
        Assert.Equal("small", _nodes.Take());
    }

    [Fact]
    public void Equal_nodes_take_turns()
    {
        var nodes = new AsteriskNodes([Node("a", 1000), Node("b", 1000)], grains: null!);
        nodes.Note(new NodeStatus("a", true, null, 0, null));
        nodes.Note(new NodeStatus("b", true, null, 0, null));
        Assert.Equal(["a", "b"], new[] { nodes.Take(), nodes.Take() }.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_nodes_that_are_about_as_free_the_one_that_is_heard_here_takes_the_call()
    {
        var nodes = new AsteriskNodes([Node("near", 100), Node("far", 100)], grains: null!, new Here());
        nodes.Note(new NodeStatus("near", true, null, 0, null, Silo: Here.Address.ToParsableString()));
        nodes.Note(new NodeStatus("far", true, null, 0, null, Silo: "another"));
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal("near", nodes.Take()));
        var given = Enumerable.Range(0, 95).Select(_ => nodes.Take()).ToList();
        Assert.InRange(given.Count(id => id == "far"), 44, 48);
    }

    [Fact]
    public void A_beat_says_anew_how_many_calls_there_are()
    {
        Connect("small", calls: 100);
        Assert.Null(_nodes.Take());
        Connect("small", calls: 99);
        Assert.Equal("small", _nodes.Take());
        Assert.Null(_nodes.Take());
    }

    [Fact]
    public void A_node_that_is_away_or_drained_is_given_nothing()
    {
        Connect("large");
        _nodes.Note(new NodeStatus("small", true, null, 0, null, Draining: true));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("large", _nodes.Take()));
        _nodes.NoteAway("large", "it does not answer");
        Assert.Null(_nodes.Take());
        Assert.Equal("it does not answer", _nodes.WhyNone());
        _nodes.NoteAway("small", "it does not answer either");
        Assert.True(_nodes.Known.Single(n => n.Id == "small").Draining);
    }

    [Fact]
    public void A_call_goes_to_nodes_that_reach_its_gateway_while_there_are_any()
    {
        Connect("large");
        Connect("small", calls: 99);
        Assert.Equal("small", _nodes.Take(["large"]));
        // Full is no reason to place a call where it must fail.
        Assert.Null(_nodes.Take(["large"]));
        _nodes.NoteAway("small", "it does not answer");
        Assert.Equal("large", _nodes.Take(["large"]));
    }

    [Fact]
    public void Whoever_asks_why_no_node_takes_a_call_is_told_what_would_help()
    {
        Assert.Equal("not connected yet", _nodes.WhyNone());
        Connect("large");
        Assert.Null(_nodes.WhyNone());
        Connect("large", calls: 300);
        Assert.Equal("every node has as many calls as it may have", _nodes.WhyNone());
        _nodes.Note(new NodeStatus("large", true, null, 0, null, Draining: true));
        _nodes.NoteAway("small", "it does not answer");
        Assert.Equal("it does not answer", _nodes.WhyNone());
        _nodes.Note(new NodeStatus("small", true, null, 0, null, Draining: true));
        Assert.Equal("every node that is connected is being drained", _nodes.WhyNone());
        Assert.Equal("none is connected", new AsteriskNodes([], grains: null!).WhyNone());
    }

    [Fact]
    public void A_silo_that_is_about_to_stop_gives_no_more_calls()
    {
        Connect("large");
        _nodes.Close();
        Assert.Null(_nodes.Take());
    }

    [Theory]
    [InlineData(true, false, 0, NodeActivity.Connected)]
    [InlineData(true, true, 3, NodeActivity.Draining)]
    [InlineData(true, true, 0, NodeActivity.Drained)]
    [InlineData(false, true, 0, NodeActivity.Drained)]
    [InlineData(false, false, 3, NodeActivity.Away)]
    public void A_node_is_described_in_one_word(bool connected, bool draining, int calls, NodeActivity state) =>
        Assert.Equal(state, new NodeStatus("small", connected, null, calls, null, draining).State);

    private void Connect(string id, int calls = 0) => _nodes.Note(new NodeStatus(id, true, "22.10.1", calls, null));

    private sealed class Here : ILocalSiloDetails
    {
        public static SiloAddress Address { get; } = SiloAddress.FromParsableString("127.0.0.1:11111@1");

        public string Name => "here";

        public string ClusterId => "dialer";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Address;

        public SiloAddress GatewayAddress => Address;
    }

    private static NodeSettings Node(string id, int capacity) =>
        new() { Id = id, AriUrl = new Uri("http://127.0.0.1:1/ari/"), User = "dialer", Password = "example", Capacity = capacity };
}
