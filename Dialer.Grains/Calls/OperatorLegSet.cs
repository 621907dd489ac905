using Dialer.Grains.Operators;

namespace Dialer.Grains.Calls;

/// <summary>A phone that rings or talks for a call.</summary>
internal sealed class OperatorLegState(string id, RingOrder order)
{
    public string Id { get; } = id;
    public RingOrder Order { get; } = order;
    public string Member => Order.Member;

    /// <summary>Whether it is one of a trunk's lines; then the line is given back when it ends.</summary>
    public string? TrunkKey { get; set; }

    /// <summary>Whether its channel was asked for.</summary>
    public bool Placed { get; set; }

    /// <summary>When the node had answered: who looked there before may not have seen it.</summary>
    public DateTimeOffset PlacedAt { get; set; } = DateTimeOffset.MaxValue;
}
