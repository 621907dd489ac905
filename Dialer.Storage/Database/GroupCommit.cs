using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>
/// Turns many small writes made at the same moment into one statement. One loop takes whatever waits, sends it, and
/// tells each caller its own result only after the statement has returned: nobody is acknowledged before it is stored.
/// The next batch goes as soon as the one before is back, unless its writer has nobody who waits (<see cref="GroupCommitOptions.Gathering"/>).
/// </summary>
/// <remarks>
/// Requests go in the order in which they were let in. A request that fails for its own data (SQLSTATE class 22 or 23)
/// does not take its batch along: the batch, rolled back as a whole, is sent again one by one.
/// </remarks>
/// <typeparam name="TRequest">One write.</typeparam>
/// <typeparam name="TResult">What its caller learns.</typeparam>
public sealed class GroupCommit<TRequest, TResult> : IAsyncDisposable
{
    private readonly Func<IReadOnlyList<TRequest>, CancellationToken, Task<IReadOnlyList<TResult>>> _commit;
    private readonly GroupCommitOptions _options;
    private readonly Channel<Waiter> _waiting;
    private readonly CancellationTokenSource _abandon = new();
    private readonly Task _loop;
    private long _batches;
    private long _stored;
    private long _failed;
    private int _lastBatchSize;
    private int _disposed;
    private volatile CommitOutcome _lastOutcome = new(0, null);

    /// <param name="commit">Sends one statement, all or nothing, and gives one result per request in their order.</param>
    /// <param name="options">Null for the defaults.</param>
    public GroupCommit(
        Func<IReadOnlyList<TRequest>, CancellationToken, Task<IReadOnlyList<TResult>>> commit, GroupCommitOptions? options = null)
    {
        _options = options ?? new GroupCommitOptions();
        ArgumentNullException.ThrowIfNull(commit);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxBatch, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Capacity, 1, nameof(options));
        _commit = commit;
        _waiting = Channel.CreateBounded<Waiter>(new BoundedChannelOptions(_options.Capacity) { SingleReader = true });
        // Off the caller's scheduler: a grain's would run the loop between its own turns.
        // Without its context too: the loop's statements would belong to the trace of whoever came first, for ever.
        using (ExecutionContext.SuppressFlow())
            _loop = Task.Run(RunAsync);
    }

    /// <summary>Counts since the beginning; read without stopping the loop, so they are of nearly the same moment.</summary>
    public GroupCommitCounts Counts => new(
        Interlocked.Read(ref _batches),
        Interlocked.Read(ref _stored),
        Interlocked.Read(ref _failed),
        Volatile.Read(ref _lastBatchSize),
        _waiting.Reader.Count);

    /// <summary>What came of the last batch. One that PostgreSQL refused for its data, or did not answer at all, is passed over.</summary>
    public CommitOutcome LastOutcome => _lastOutcome;

    /// <summary>Sends one write with the next batch, and completes when it is stored.</summary>
    /// <param name="request">The write.</param>
    /// <param name="cancellationToken">
    /// Takes the request back while it waits. Once a batch has taken it, the call goes on to the real outcome:
    /// a caller that is told «cancelled» knows that nothing was stored.
    /// </param>
    /// <exception cref="OperationCanceledException">It was taken back, or disposal gave up on it.</exception>
    /// <exception cref="ObjectDisposedException">This group commit has ended.</exception>
    public async Task<TResult> EnqueueAsync(TRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(request);
        try
        {
            await _waiting.Writer.WriteAsync(waiter, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(GetType().Name, "This group commit has ended; the write was not sent.");
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).TakeBack(token), waiter);
        return await waiter.Outcome;
    }

    /// <summary>Accepts nothing more, stores what was accepted, and ends (after the drain time-out at the latest).</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _loop;
            return;
        }

        _waiting.Writer.TryComplete();
        using (var giveUp = new CancellationTokenSource(_options.DrainTimeout, _options.Clock))
        await using (giveUp.Token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _abandon))
        {
            await _loop;
        }

        _abandon.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<Waiter>(_options.MaxBatch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            if (_options.Gathering > TimeSpan.Zero && _waiting.Reader.Count < _options.MaxBatch)
            {
                await Task.Delay(_options.Gathering, _options.Clock);
            }

            while (batch.Count < _options.MaxBatch && _waiting.Reader.TryRead(out var waiter))
            {
                if (waiter.TryTake())
                {
                    batch.Add(waiter);
                }
            }

            if (batch.Count > 0)
            {
                Volatile.Write(ref _lastBatchSize, batch.Count);
                await StoreAsync(batch);
                batch.Clear();
            }
        }
    }

    private async Task StoreAsync(List<Waiter> batch)
    {
        try
        {
            await SendAsync(batch);
        }
        catch (Exception error) when (batch.Count > 1 && IsForItsData(error))
        {
            foreach (var waiter in batch)
            {
                await StoreAsync([waiter]);
            }
        }
        catch (Exception error)
        {
            Interlocked.Add(ref _failed, batch.Count);
            if (error is PostgresException refused && !IsForItsData(refused))
                _lastOutcome = new(Stopwatch.GetTimestamp(), refused.MessageText);
            foreach (var waiter in batch)
            {
                waiter.Fail(error);
            }
        }
    }

    private async Task SendAsync(List<Waiter> batch)
    {
        using var span = Traces.Commit(_options.Name, batch.Select(static waiter => waiter.Asker));
        var requests = batch.ConvertAll(static waiter => waiter.Request);
        IReadOnlyList<TResult> results;
        try
        {
            results = await CommitAsync(requests);
        }
        catch (Exception error) when (WasRolledBack(error) || (_options.RetryTransient && IsTransient(error)))
        {
            await Task.Delay(_options.RetryPause, _options.Clock, _abandon.Token);
            results = await CommitAsync(requests);
        }

        if (results.Count != batch.Count)
        {
            throw new InvalidOperationException(
                $"A group commit of {batch.Count} requests returned {results.Count} results; its statement must return one per request.");
        }

        Interlocked.Add(ref _stored, batch.Count);
        _lastOutcome = new(Stopwatch.GetTimestamp(), null);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Complete(results[i]);
        }
    }

    private async Task<IReadOnlyList<TResult>> CommitAsync(List<TRequest> requests)
    {
        _abandon.Token.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _batches);
        var began = Stopwatch.GetTimestamp();
        var results = await _commit(requests, _abandon.Token);
        StorageMetrics.CommitTook(_options.Name, began, requests.Count);
        return results;
    }

    private static bool IsForItsData(Exception error) =>
        error is PostgresException { SqlState: var state }
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal));

    private static bool WasRolledBack(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    private static bool IsTransient(Exception error) => error is NpgsqlException { IsTransient: true };

    /// <summary>One caller. Either its own token or the loop gets it first, never both.</summary>
    private sealed class Waiter(TRequest request)
    {
        // Asynchronously, so that no caller's code runs on the loop and holds up the next batch.
        private readonly TaskCompletionSource<TResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _claimed;

        public TRequest Request { get; } = request;

        /// <summary>The span in which it was asked for, where somebody traces.</summary>
        public Activity? Asker { get; } = Activity.Current;

        public Task<TResult> Outcome => _outcome.Task;

        public bool TryTake() => Interlocked.Exchange(ref _claimed, 1) == 0;

        public void TakeBack(CancellationToken cancellationToken)
        {
            if (TryTake())
            {
                _outcome.TrySetCanceled(cancellationToken);
            }
        }

        public void Complete(TResult result) => _outcome.TrySetResult(result);

        public void Fail(Exception error)
        {
            if (error is OperationCanceledException)
            {
                _outcome.TrySetCanceled();
            }
            else
            {
                _outcome.TrySetException(error);
            }
        }
    }
}
