using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Dialer.Tests.Fakes;

/// <summary>One event socket of the fake, from its side.</summary>
internal sealed class FakeSocket
{
    private readonly Lock _gate = new();
    private readonly Channel<string> _outgoing = Channel.CreateUnbounded<string>();
    private List<string>? _held;
    private WebSocket? _socket;
    private bool _isAborted;

    /// <summary>The only types that are sent; empty for all.</summary>
    public HashSet<string> Allowed { get; set; } = [];

    public HashSet<string> Disallowed { get; set; } = [];

    /// <summary>It asked for the events of all channels and endpoints.</summary>
    public bool OfAll { get; set; }

    public bool Wants(string type) => !Disallowed.Contains(type) && (Allowed.Count == 0 || Allowed.Contains(type));

    public void Queue(JsonObject message) => Queue(message.ToJsonString());

    public void Queue(string text)
    {
        if (_held is { } held)
        {
            held.Add(text);
        }
        else
        {
            _outgoing.Writer.TryWrite(text);
        }
    }

    /// <summary>Keeps what is queued from now on, until <see cref="Release"/>.</summary>
    public void Hold() => _held = [];

    /// <summary>Sends this first, and then what was kept.</summary>
    public void Release(JsonObject? first)
    {
        var held = _held ?? [];
        _held = null;
        if (first is not null)
        {
            Queue(first);
        }

        held.ForEach(Queue);
    }

    /// <summary>Now the client has it; what was queued before is not lost.</summary>
    public void Open(WebSocket socket)
    {
        lock (_gate)
        {
            _socket = socket;
            if (_isAborted)
            {
                socket.Abort();
            }
        }
    }

    public void Abort()
    {
        lock (_gate)
        {
            _isAborted = true;
            _socket?.Abort();
        }
    }

    public void Complete() => _outgoing.Writer.TryComplete();

    public async Task WriteAsync()
    {
        var socket = _socket!;
        try
        {
            await foreach (var text in _outgoing.Reader.ReadAllAsync())
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }

            if (socket.State == WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client is gone; the reader ends by itself.
        }
    }

    public async Task ReadAsync(Action<string> received)
    {
        var socket = _socket!;
        var buffer = new byte[128 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                length += part.Count;
                if (part.EndOfMessage)
                {
                    received(Encoding.UTF8.GetString(buffer, 0, length));
                    length = 0;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Dropped, by the client or by the test.
        }
    }
}
