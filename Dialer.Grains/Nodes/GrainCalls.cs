using Orleans.Runtime;

namespace Dialer.Grains.Nodes;

/// <summary>What calls of grains fail with that is nobody's fault.</summary>
public static class GrainCalls
{
    /// <summary>
    /// Nobody answered: the grain's silo is gone or going, or takes too long. A healthy silo (Orleans 10.4), too, cancels what it was about to pass on to one
    /// that dies, and its caller hears of it as of a cancellation.
    /// </summary>
    public static bool WentUnanswered(Exception error) => error is OrleansException or TimeoutException or OperationCanceledException;
}
