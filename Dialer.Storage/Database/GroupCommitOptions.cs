namespace Dialer.Storage.Database;

/// <summary>How a <see cref="GroupCommit{TRequest,TResult}"/> behaves.</summary>
public sealed record GroupCommitOptions
{
    /// <summary>What is written, in one word, for metrics and traces.</summary>
    public string Name { get; init; } = "rows";

    /// <summary>Requests that one statement carries at most.</summary>
    public int MaxBatch { get; init; } = 500;

    /// <summary>
    /// How long the first request of a batch waits for others. None where somebody waits for the outcome: the commit before fills the next
    /// batch. Otherwise a few milliseconds save the database most of its work, because a statement costs more than a row.
    /// </summary>
    public TimeSpan Gathering { get; init; }

    /// <summary>Requests that may wait; a caller beyond that waits to be let in (back pressure).</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>
    /// True only where the statement may safely run twice, because a connection that broke leaves open whether it was
    /// stored: such a batch is then sent once more. Otherwise its callers get the error. (A deadlock or a serialization
    /// failure was rolled back for certain, so those are sent once more in any case.)
    /// </summary>
    public bool RetryTransient { get; init; }

    /// <summary>Pause before that second attempt.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long disposal lets what was accepted finish before it cancels the rest.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock of the pauses above.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What a <see cref="GroupCommit{TRequest,TResult}"/> has done since it began. For metrics.</summary>
/// <param name="Batches">Statements sent, second attempts and single ones included.</param>
/// <param name="Stored">Requests that got a result.</param>
/// <param name="Failed">Requests that got an error.</param>
/// <param name="LastBatchSize">Requests in the latest batch taken.</param>
/// <param name="Waiting">Requests that wait to be taken.</param>
public sealed record GroupCommitCounts(long Batches, long Stored, long Failed, int LastBatchSize, int Waiting);

/// <summary>What came of a batch.</summary>
/// <param name="At">When (<see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>); 0 where there was none yet.</param>
/// <param name="Refused">PostgreSQL's reason why it could store nothing of it (a full disk, say); null where it was stored.</param>
public sealed record CommitOutcome(long At, string? Refused);
