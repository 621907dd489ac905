using Orleans.Runtime;

namespace Dialer.Grains.State;

/// <summary>
/// The state of a grain as it is stored. Orleans' own (10.4) shows a change while it is on its way, and keeps it where that fails: whoever
/// asks is told what may never be so, and a command that is given again finds it done.
/// </summary>
/// <typeparam name="T">Never changed in place.</typeparam>
internal sealed class StoredState<T>(IPersistentState<T> storage)
    where T : class, new()
{
    private T? _before;

    /// <summary>What was last known to be stored.</summary>
    public T State => _before ?? storage.State;

    /// <summary>Stores another state; one write at a time. Where that fails, nothing has changed.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The answer to a write before it was lost. Orleans ends the activation; the next one reads what is stored.</exception>
    public Task SetAsync(T state) => ChangeAsync(state, storage.WriteStateAsync);

    /// <summary>The same for no state at all.</summary>
    public Task ClearAsync() => ChangeAsync(new T(), storage.ClearStateAsync);

    /// <summary>Reads it again.</summary>
    public Task ReadAsync() => storage.ReadStateAsync();

    private async Task ChangeAsync(T state, Func<Task> write)
    {
        _before = storage.State;
        storage.State = state;
        try
        {
            await write();
        }
        catch
        {
            storage.State = _before;
            // It may have been the answer alone that was lost. If the database is away, the next write tells.
            await storage.ReadStateAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            throw;
        }
        finally
        {
            _before = null;
        }
    }
}
