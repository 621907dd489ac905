using Orleans.Runtime;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Calls of grains that may be on a silo which is just leaving: it refuses them, and a moment later the grain is awake elsewhere. A silo that
/// died may have done what it was asked: the call is told so, and must do no harm when it is made twice.
/// </summary>
internal static class MovingGrain
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1)];

    /// <param name="call">Told whether one before may have been done.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <exception cref="OrleansException">It is still refused after the last pause.</exception>
    public static async Task<T> AskAsync<T>(Func<bool, Task<T>> call, TimeProvider time)
    {
        var again = false;
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await call(again);
            }
            catch (Exception e) when (tries < Pauses.Length && e is OrleansException or OperationCanceledException)
            {
                // Every other refusal comes before the call is taken.
                again |= e is SiloUnavailableException or OperationCanceledException;
                await Task.Delay(Pauses[tries], time);
            }
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public static Task TellAsync(Func<bool, Task> call, TimeProvider time) => AskAsync(
        async again =>
        {
            await call(again);
            return true;
        },
        time);
}
