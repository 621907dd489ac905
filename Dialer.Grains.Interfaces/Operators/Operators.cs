namespace Dialer.Grains.Interfaces.Operators;

/// <summary>A SIP phone that registers with its id and this password.</summary>
/// <param name="Name">Who sits there.</param>
/// <param name="Password">At least 8 characters; null on a change keeps the one it has. Never given back.</param>
[GenerateSerializer, Immutable, Alias("Dialer.OperatorSettings")]
public sealed record OperatorSettings([property: Id(0)] string Name, [property: Id(1)] string? Password = null);

/// <summary>An operator's phone as it is shown.</summary>
/// <param name="Id">Its id, which is its SIP user name within the tenant.</param>
/// <param name="Name">Who sits there.</param>
/// <param name="SipUser">The user name that the phone registers with.</param>
/// <param name="Registered">Whether the phone is registered at any node now.</param>
[GenerateSerializer, Immutable, Alias("Dialer.OperatorInfo")]
public sealed record OperatorInfo(
    [property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] string SipUser, [property: Id(3)] bool Registered);

/// <summary>In which order a queue rings its members.</summary>
[GenerateSerializer, Alias("Dialer.RingStrategy")]
public enum RingStrategy
{
    /// <summary>All at once; who answers first has the caller, the others stop ringing.</summary>
    RingAll,
    /// <summary>From the first, one after the other.</summary>
    Linear,
    /// <summary>One after the other, beginning behind the one who was rung last.</summary>
    RoundRobin,
}

/// <summary>A phone that a queue rings: an operator's SIP phone, or a number through a trunk (as one of its lines).</summary>
[GenerateSerializer, Immutable, Alias("Dialer.QueueMember")]
public sealed record QueueMember(
    [property: Id(0)] string? Operator = null, [property: Id(1)] string? Number = null, [property: Id(2)] string? Trunk = null);
