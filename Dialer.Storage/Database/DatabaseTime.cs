using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>
/// The time that PostgreSQL has: one clock for all silos, so that neither a machine whose clock is wrong nor one that is set by an hour
/// calls anybody outside the hours, or lets somebody's retry wait for an hour. Between two looks it goes on by this machine's steady
/// counter, which nobody sets. Until the first look it is this machine's own time.
/// </summary>
public sealed class DatabaseTime : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly TimeProvider _machine;
    private readonly long _start;
    private long _ticksAtStart;

    /// <param name="machine">Whose steady counter and timers are used; the machine's own where none is given.</param>
    public DatabaseTime(TimeProvider? machine = null)
    {
        _machine = machine ?? System;
        _start = _machine.GetTimestamp();
        _ticksAtStart = _machine.GetUtcNow().UtcTicks;
    }

    public override long TimestampFrequency => _machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticksAtStart) + SinceStart(), TimeSpan.Zero);

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Looks at the database's clock. An answer that took two seconds or longer is not waited for.</summary>
    /// <returns>By how much the time was set; nothing where it was right as far as the answer can tell.</returns>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<TimeSpan> LookAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await using var command = database.CreateCommand("select clock_timestamp()");
        var asked = SinceStart();
        var read = (DateTime)(await command.ExecuteScalarAsync(patience.Token))!;
        return Take(new DateTimeOffset(read, TimeSpan.Zero), asked, SinceStart());
    }

    /// <summary>The clock was read at some moment between question and answer; within that nothing is set.</summary>
    private TimeSpan Take(DateTimeOffset read, long asked, long answered)
    {
        var before = Volatile.Read(ref _ticksAtStart);
        var after = Math.Clamp(before, read.UtcTicks - answered, read.UtcTicks - asked);
        Volatile.Write(ref _ticksAtStart, after);
        return TimeSpan.FromTicks(after - before);
    }

    private long SinceStart() => _machine.GetElapsedTime(_start).Ticks;
}
