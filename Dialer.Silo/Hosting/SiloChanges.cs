namespace Dialer.Silo.Hosting;

/// <summary>
/// Has those who look around now and then look at once when a silo leaves the cluster: what it had is to wake elsewhere, and each second
/// until then is one in which nobody dials.
/// </summary>
internal sealed class SiloChanges : ISiloStatusListener
{
    private readonly TimeProvider _time;
    private TaskCompletionSource _next = NewSignal();

    public SiloChanges(ISiloStatusOracle silos, TimeProvider time)
    {
        _time = time;
        silos.SubscribeToSiloStatusEvents(this);
    }

    /// <summary>Waits until a silo leaves, at most that long.</summary>
    public async Task WaitAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        var next = Volatile.Read(ref _next).Task;
        await next.WaitAsync(period, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status.IsTerminating())
            Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
