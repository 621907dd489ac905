using Orleans.Runtime;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Calls of grains that may be on a silo which is just leaving: it refuses them, and a moment later the grain is awake elsewhere. Only for
/// calls that do no harm when they are made twice.
/// </summary>
internal static class MovingGrain
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1)];

    /// <exception cref="OrleansException">It is still refused after the last pause.</exception>
    public static async Task<T> AskAsync<T>(Func<Task<T>> call, TimeProvider time)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (OrleansException) when (tries < Pauses.Length)
            {
                await Task.Delay(Pauses[tries], time);
            }
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public static Task TellAsync(Func<Task> call, TimeProvider time) => AskAsync(
        async () =>
        {
            await call();
            return true;
        },
        time);
}
