namespace Dialer.Ari.Transport;

/// <summary>
/// One request on its way over the event socket. Ends once: by its answer, its time-out, its caller's token or the end of
/// the socket, whichever is first. Knows whether it was given to the socket, because only then is its outcome unknown.
/// </summary>
internal sealed class PendingRequest : IDisposable
{
    private const int Queued = 0;
    private const int Sent = 1;
    private const int Abandoned = 2;

    private readonly TaskCompletionSource<AriReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _sendWithin;
    private readonly TimeProvider _time;
    private readonly long _began;
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;
    private int _stage;

    public PendingRequest(long id, string name, PooledBuffer frame, bool wantsBody, TimeSpan timeout, TimeSpan sendWithin, TimeProvider time)
    {
        (_sendWithin, _time, _began) = (sendWithin, time, time.GetTimestamp());
        Id = id;
        _name = name;
        Frame = frame;
        WantsBody = wantsBody;
        _timeout = timeout;
    }

    public long Id { get; }

    public bool WantsBody { get; }

    /// <summary>The message to send. Belongs to the writer, which disposes it.</summary>
    public PooledBuffer Frame { get; }

    public Task<AriReply> Reply => _reply.Task;

    public void StartClock(CancellationToken cancellationToken)
    {
        _timer = _time.CreateTimer(static state => ((PendingRequest)state!).TimeOut(), this, _timeout, Timeout.InfiniteTimeSpan);
        _cancellation = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var request = (PendingRequest)state!;
                _ = Interlocked.CompareExchange(ref request._stage, Abandoned, Queued);
                request._reply.TrySetCanceled(token);
            },
            this);
    }

    /// <summary>Claims the request for sending; false where its caller has given up meanwhile, or it has waited for too long.</summary>
    public bool TrySend()
    {
        // Not left to the timer: where the process stood still, this may come before it.
        if (_time.GetElapsedTime(_began) > _sendWithin)
        {
            TimeOut();
        }

        return Interlocked.CompareExchange(ref _stage, Sent, Queued) == Queued;
    }

    public void Answer(int status, PooledBuffer? body)
    {
        if (!_reply.TrySetResult(new AriReply(status, body)))
        {
            body?.Dispose();
        }
    }

    public void Disconnect(string reason)
    {
        var notSent = Interlocked.CompareExchange(ref _stage, Abandoned, Queued) != Sent;
        _reply.TrySetResult(new AriReply(new AriError(AriErrorKind.Disconnected, null, reason, _name, notSent)));
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _cancellation.Dispose();
    }

    private void TimeOut()
    {
        var notSent = Interlocked.CompareExchange(ref _stage, Abandoned, Queued) != Sent;
        var message = notSent
            ? TooLateException.Reason
            : $"No answer from Asterisk within {_timeout}.";
        _reply.TrySetResult(new AriReply(new AriError(AriErrorKind.Timeout, null, message, _name, notSent)));
    }
}
