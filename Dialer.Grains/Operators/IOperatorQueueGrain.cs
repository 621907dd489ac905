using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Orleans.Concurrency;

namespace Dialer.Grains.Operators;

/// <summary>A member to be rung for a caller.</summary>
/// <param name="Member">Its index-free name: <c>operator:office</c> or <c>number:7916…@main</c>.</param>
[GenerateSerializer, Immutable, Alias("Dialer.RingOrder")]
public sealed record RingOrder([property: Id(0)] string Member, [property: Id(1)] QueueMember Target, [property: Id(2)] TimeSpan Timeout);

/// <summary>Who waits for an operator, and whom it rings. Key: <c>tenant/extension</c>.</summary>
[Alias("Dialer.IOperatorQueueGrain")]
public interface IOperatorQueueGrain : IGrainWithStringKey
{
    /// <summary>A caller waits: said when it begins, and every few seconds as long as it does.</summary>
    /// <param name="ringing">The members whose phones ring for it, as the call knows: what an activation had rung that is lost rings no more.</param>
    [Alias("Enter")] Task Enter(string call, [Immutable] IReadOnlyList<string> ringing, [Immutable] OperatorQueue settings);

    /// <summary>A caller was taken by a member, and talks: said when it begins, and every few seconds as long as it does.</summary>
    /// <param name="member">Null where a call that was taken over does not know: then it is who it was.</param>
    [Alias("Connected"), OneWay] Task Connected(string call, string? member);

    /// <summary>A member did not take the call.</summary>
    [Alias("NotTaken"), OneWay] Task NotTaken(string call, string member);

    /// <summary>A caller is gone, and whoever talked to it is free.</summary>
    [Alias("Leave"), OneWay] Task Leave(string call);
}
