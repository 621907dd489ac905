using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Whether this silo may still act for its calls. One whose process was stopped for seconds has been declared dead meanwhile, and its calls
/// go on elsewhere; but when it wakes, its timers fire before anybody tells it so. After a sleep, and only then, the cluster's own table is
/// asked first.
/// </summary>
public sealed partial class SiloPulse : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>Whoever stood still for longer asks first. Others take over after 1.9 s at the earliest (docs/architecture.md).</summary>
    public static readonly TimeSpan Sleep = TimeSpan.FromSeconds(1.5);

    private readonly Func<CancellationToken, Task<bool>> _isMember;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloPulse> _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private long _beatAt;
    private volatile bool _slept;
    private volatile int _sleeps;
    private Task<bool>? _asking;

    /// <param name="isMember">Asks the cluster's table whether it counts this silo.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="logger">Where a sleep is noted.</param>
    public SiloPulse(Func<CancellationToken, Task<bool>> isMember, TimeProvider time, ILogger<SiloPulse> logger)
    {
        (_isMember, _time, _logger) = (isMember, time, logger);
        _beatAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => BeatNow(), null, Beat, Beat);
    }

    /// <summary>The pulse of a silo.</summary>
    public static SiloPulse Of(IMembershipTable members, ILocalSiloDetails silo, TimeProvider time, ILogger<SiloPulse> logger) => new(
        async cancellationToken => (await members.ReadRowAsync(silo.SiloAddress, cancellationToken)).Members.Any(m => m.Item1.Status is not SiloStatus.Dead),
        time, logger);

    /// <summary>True at once, usually; after a sleep when the table has said that this silo is a member, and false where it is not.</summary>
    public Task<bool> MayActAsync()
    {
        if (!_slept && !HasSlept)
            return Task.FromResult(true);
        lock (_lock)
        {
            _slept = true;
            // Off the caller's scheduler: others wait for the same answer.
            return _asking is { IsCompleted: false } ? _asking : _asking = Task.Run(AskAsync);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _timer.Dispose();
    }

    private bool HasSlept => _time.GetElapsedTime(Volatile.Read(ref _beatAt)) > Sleep;

    private void BeatNow()
    {
        lock (_lock)
        {
            if (HasSlept)
                (_slept, _sleeps) = (true, _sleeps + 1);
            Volatile.Write(ref _beatAt, _time.GetTimestamp());
        }
    }

    // Not where it has fallen asleep again meanwhile.
    private bool TryWake(int sleeps)
    {
        lock (_lock)
            return sleeps == _sleeps && !HasSlept && !(_slept = false);
    }

    private async Task<bool> AskAsync()
    {
        while (!_end.IsCancellationRequested)
            try
            {
                var sleeps = _sleeps;
                var isMember = await _isMember(_end.Token);
                LogSlept(isMember);
                if (!isMember || TryWake(sleeps))
                    return isMember;
            }
            // Whose the calls are is not known until the database answers; nothing is done for them until then.
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotAnswered(e.Message);
                await Task.Delay(AskAgain, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This silo stood still for a while; it is a member of the cluster: {IsMember}")]
    private partial void LogSlept(bool isMember);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This silo stood still for a while, and whether it is still a member can't be asked: {Reason}")]
    private partial void LogNotAnswered(string reason);
}
