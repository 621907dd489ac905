namespace Dialer.Tests.Infrastructure;

/// <summary>Looks at something outside this process (a file, an HTTP answer) until it is there.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The first look that is not null; when none comes in time, an error that names <paramref name="what"/>.</summary>
    public static Task<T> SeeAsync<T>(Func<Task<T?>> look, string what, TimeSpan within)
        where T : class =>
        SeeAsync(look, what, within, Pause);

    /// <summary>The same for what takes longer, or costs more to look at, than to be asked every 20 ms.</summary>
    public static async Task<T> SeeAsync<T>(Func<Task<T?>> look, string what, TimeSpan within, TimeSpan every)
        where T : class
    {
        using var timer = new PeriodicTimer(every);
        var deadline = TimeProvider.System.GetUtcNow() + within;
        while (true)
        {
            if (await look() is { } seen)
            {
                return seen;
            }

            if (TimeProvider.System.GetUtcNow() > deadline)
            {
                throw new TimeoutException($"Did not come within {within}: {what}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Looks until nothing is left; when something stays, an error says what.</summary>
    public static async Task NothingLeftAsync(Func<Task<string>> look, string what, TimeSpan within, TimeSpan every)
    {
        var left = "";
        try
        {
            await SeeAsync(async () => (left = await look()).Length == 0 ? what : null, what, within, every);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; left: {left}", late);
        }
    }

    /// <inheritdoc cref="SeeAsync{T}(Func{Task{T}}, string, TimeSpan)"/>
    public static Task<T> SeeAsync<T>(Func<T?> look, string what, TimeSpan within)
        where T : class =>
        SeeAsync(() => Task.FromResult(look()), what, within);
}
