using System.Net;
using System.Net.Sockets;

namespace Dialer.Tests.Infrastructure;

/// <summary>A port of 127.0.0.1 that leads to another one, until it is cut: then what runs through it breaks, and nothing new is let in.</summary>
public sealed class CuttableLine : IAsyncDisposable
{
    private readonly int _to;
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _open = [];
    private TcpListener _listener;
    private Task _accepting;

    public CuttableLine(int to)
    {
        _to = to;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Where to connect to.</summary>
    public int Port { get; }

    /// <summary>Breaks every connection and refuses new ones.</summary>
    public async Task CutAsync()
    {
        _listener.Stop();
        await _accepting;
        Break();
    }

    /// <summary>Breaks every connection, and lets new ones in.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _open.ForEach(connection => connection.Dispose());
            _open.Clear();
        }
    }

    /// <summary>Lets connections in again.</summary>
    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _listener.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync();
                var far = new TcpClient { NoDelay = near.NoDelay = true };
                lock (_lock)
                    _open.AddRange([near, far]);
                await far.ConnectAsync(IPAddress.Loopback, _to);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        // The listener was stopped, or nobody listens behind the line.
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        // Cut, or closed by either end.
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
        }

        from.Dispose();
        to.Dispose();
    }
}
