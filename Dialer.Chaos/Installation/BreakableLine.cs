using System.Net;
using System.Net.Sockets;

namespace Dialer.Chaos.Installation;

/// <summary>
/// A port of 127.0.0.1 that leads to a node's event socket. It can be cut (connections break at once), fall silent (nothing passes and
/// nobody is told, as when a network drops every packet), or spoil the events that pass (<see cref="Spoil"/>).
/// </summary>
internal sealed class BreakableLine : IAsyncDisposable
{
    private readonly int _to;
    private readonly Lock _lock = new();
    private readonly HashSet<TcpClient> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _silence;

    public BreakableLine(int to)
    {
        _to = to;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect to.</summary>
    public int Port { get; }

    /// <summary>What becomes of the events of one connection; null where they pass as they are.</summary>
    public Func<EventSpoiler>? Spoil { get; set; }

    /// <summary>Breaks every connection; new ones are let in.</summary>
    /// <returns>How many ends were broken.</returns>
    public int Cut()
    {
        lock (_lock)
        {
            var ends = _open.Count;
            foreach (var connection in _open)
                connection.Dispose();
            _open.Clear();
            return ends;
        }
    }

    /// <summary>From now on nothing passes, and new connections get no answer, until <see cref="Speak"/>.</summary>
    public void FallSilent() => _silence ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Ends a silence. What was under way then is lost with its connections, as after a real one: TCP gives up, or the far side has.
    /// </summary>
    public void Speak()
    {
        Cut();
        Interlocked.Exchange(ref _silence, null)?.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        Speak();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        using (near)
        {
            try
            {
                near.NoDelay = true;
                lock (_lock)
                {
                    _open.Add(near);
                    _open.Add(far);
                }

                await SilenceAsync();
                await far.ConnectAsync(IPAddress.Loopback, _to, _end.Token);
                await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream()), BackAsync(far.GetStream(), near.GetStream()));
            }
            // Cut, or closed by either end, or nobody listens behind the line.
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
            }

            lock (_lock)
            {
                _open.Remove(near);
                _open.Remove(far);
            }
        }
    }

    private Task BackAsync(NetworkStream from, NetworkStream to) => Spoil is { } spoil ? spoil().RunAsync(from, to, _end.Token) : CopyAsync(from, to);

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
            {
                await SilenceAsync();
                await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private Task SilenceAsync() => _silence?.Task ?? Task.CompletedTask;
}
