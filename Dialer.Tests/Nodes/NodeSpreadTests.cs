using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Nodes;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Which node's socket moves to another silo.</summary>
public sealed class NodeSpreadTests
{
    private const string Here = "a";

    [Theory]
    // All on one silo: the first of those that have none gets one.
    [InlineData("n1@a n2@a n3@a n4@a", "a b c", "n1", "b")]
    // A difference of one is as even as it gets.
    [InlineData("n1@a n2@a n3@b", "a b", null, null)]
    [InlineData("n1@a", "a b", null, null)]
    // Only whoever has more gives away.
    [InlineData("n1@b n2@b n3@b", "a b", null, null)]
    // Where it is not known who hears a node, or that silo is gone, nothing is made of it.
    [InlineData("n1@a n2@a n3@? n4@gone", "a b", "n1", "b")]
    // One that is not connected stays where it is.
    [InlineData("n1@a! n2@a", "a b", "n2", "b")]
    [InlineData("n1@a! n2@a!", "a b", null, null)]
    [InlineData("n1@a n2@a", "a", null, null)]
    [InlineData("n1@a n2@a", "", null, null)]
    public void The_silo_with_most_gives_to_the_one_with_fewest(string nodes, string silos, string? node, string? to) =>
        Assert.Equal(
            node is null ? null : (node, to!),
            NodeSpread.Next([.. nodes.Split(' ').Select(Read)], silos.Split(' ', StringSplitOptions.RemoveEmptyEntries), Here));

    [Fact]
    public void The_node_with_fewest_calls_moves() =>
        Assert.Equal(("idle", "b"), NodeSpread.Next(
            [new NodeStatus("busy", true, null, 100, null, Silo: "a"), new NodeStatus("idle", true, null, 1, null, Silo: "a")], ["a", "b"], Here));

    private static NodeStatus Read(string text)
    {
        var at = text.TrimEnd('!').Split('@');
        return new NodeStatus(at[0], !text.EndsWith('!'), null, 0, null, Silo: at[1] == "?" ? null : at[1]);
    }
}
