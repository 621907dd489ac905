using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace Dialer.Ari.Transport;

/// <summary>
/// One open event socket, from connect to its end: sends requests from any thread through one writer, matches answers, and
/// hands messages to its reader. Does not reconnect; <see cref="AriConnection"/> opens the next one.
/// </summary>
internal sealed class EventSocket : IRequestTransport, IDisposable
{
    /// <summary>Asterisk 22 closes the socket at a frame of 65,535 bytes, header included.</summary>
    private const int LargestRequest = 65_000;
    private const int LargestMessage = 16 * 1024 * 1024;

    private static readonly TimeSpan s_goodByeTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientWebSocket _socket;
    private readonly HttpMessageInvoker _invoker;
    private readonly TimeProvider _time;
    private readonly TimeSpan _sendWithin;
    private readonly ConcurrentDictionary<long, PendingRequest> _pending = new();
    private readonly Channel<PendingRequest> _outgoing =
        Channel.CreateUnbounded<PendingRequest>(new UnboundedChannelOptions { SingleReader = true });

    private readonly PooledBuffer _message = new(16 * 1024);
    private readonly Func<long, PendingRequest?> _take;
    private Task _writing = Task.CompletedTask;
    private long _lastId;

    private EventSocket(ClientWebSocket socket, HttpMessageInvoker invoker, TimeSpan sendWithin, TimeProvider time)
    {
        (_socket, _invoker) = (socket, invoker);
        (_sendWithin, _time) = (sendWithin, time);
        _take = id => _pending.TryRemove(id, out var request) ? request : null;
    }

    /// <summary>The message that <see cref="ReceiveAsync"/> last received.</summary>
    public ReadOnlySpan<byte> Message => _message.WrittenSpan;

    /// <exception cref="AriException">Asterisk is not there, or does not take the user; the message says which.</exception>
    public static async Task<EventSocket> ConnectAsync(AriOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        var invoker = new HttpMessageInvoker(ResetOnClose.Handler());
        try
        {
            socket.Options.KeepAliveInterval = options.KeepAliveInterval;
            socket.Options.KeepAliveTimeout = options.KeepAliveTimeout;
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader(
                "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));
            using var timer = new CancellationTokenSource(options.ConnectTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            await socket.ConnectAsync(AddressOf(options), invoker, both.Token);
            var connected = new EventSocket(socket, invoker, options.SendWithin, time);
            connected._writing = connected.WriteAsync();
            return connected;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            invoker.Dispose();
            throw new AriException(Explain(options, status, e), e);
        }
        catch
        {
            socket.Dispose();
            invoker.Dispose();
            throw;
        }
    }

    public async Task<AriReply> SendAsync(AriRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var frame = RestMessages.WriteRequest(id, request);
        if (frame.Length > LargestRequest)
        {
            var length = frame.Length;
            frame.Dispose();
            return new AriReply(request.NotSent(
                $"The request has {length} bytes and Asterisk takes at most {LargestRequest} over the event socket; send less at once.", AriErrorKind.Invalid));
        }

        using var pending = new PendingRequest(id, request.Name, frame, request.WantsBody, timeout, _sendWithin, _time);
        _pending[id] = pending;
        try
        {
            if (!_outgoing.Writer.TryWrite(pending))
            {
                frame.Dispose();
                return new AriReply(request.NotSent("The connection to Asterisk is down."));
            }

            pending.StartClock(cancellationToken);
            return await pending.Reply;
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Receives one message into <see cref="Message"/>; false where the peer closed.</summary>
    /// <exception cref="WebSocketException">The connection broke, or the peer stopped answering pings.</exception>
    public async Task<bool> ReceiveAsync()
    {
        _message.Clear();
        while (true)
        {
            var part = await _socket.ReceiveAsync(_message.GetMemory(4096), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            _message.Advance(part.Count);
            if (part.EndOfMessage)
            {
                return true;
            }

            if (_message.Length > LargestMessage)
            {
                throw new AriException($"Asterisk sent a message of more than {LargestMessage} bytes; the connection is given up.");
            }
        }
    }

    /// <summary>Hands the RESTResponse in <see cref="Message"/> to whoever waits for it.</summary>
    public void AcceptResponse() => RestMessages.ReadResponse(Message, _take);

    /// <summary>Says good-bye after what is queued; <see cref="ReceiveAsync"/> then ends by itself.</summary>
    public void Close()
    {
        _outgoing.Writer.TryComplete();
        _ = AbandonAsync();
    }

    /// <summary>Ends the connection without good-bye; every request under way gets its answer now.</summary>
    public async Task AbortAsync(string reason)
    {
        _outgoing.Writer.TryComplete();
        _socket.Abort();
        await _writing;
        foreach (var pending in _pending.Values)
        {
            pending.Disconnect(reason);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _invoker.Dispose();
        _message.Dispose();
    }

    /// <summary>A peer that does not answer a good-bye is not waited for.</summary>
    private async Task AbandonAsync()
    {
        await Task.Delay(s_goodByeTimeout);
        _socket.Abort();
    }

    private async Task WriteAsync()
    {
        await Task.Yield();
        try
        {
            await foreach (var request in _outgoing.Reader.ReadAllAsync())
            {
                using (request.Frame)
                {
                    if (request.TrySend())
                    {
                        await _socket.SendAsync(request.Frame.Written, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    }
                }
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or IOException)
        {
            // The receiving side sees the same end and reports it; here only the frames have to go back.
            _outgoing.Writer.TryComplete();
            _socket.Abort();
            while (_outgoing.Reader.TryRead(out var request))
            {
                request.Frame.Dispose();
            }
        }
    }

    private static Uri AddressOf(AriOptions options) => new UriBuilder(new Uri(options.BaseUri, "events"))
    {
        Scheme = options.BaseUri.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs,
        Query = $"app={Uri.EscapeDataString(options.Application)}{(options.AllChannels ? "&subscribeAll=true" : "")}",
    }.Uri;

    private static string Explain(AriOptions options, int status, Exception e) => status switch
    {
        401 or 403 => $"Asterisk at {options.BaseUri} refuses user '{options.User}' ({status}); compare user and password with its ari.conf.",
        404 => $"There is no ARI at {options.BaseUri} (404); load res_ari and res_ari_events, and compare 'prefix' in its http.conf.",
        503 => $"Asterisk at {options.BaseUri} has no session to spare (503), or is not fully started; raise 'sessionlimit' in its http.conf if it stays so.",
        _ when e is OperationCanceledException => $"Asterisk at {options.BaseUri} did not take a connection within {options.ConnectTimeout}; is it running and reachable?",
        _ => $"No connection to Asterisk at {options.BaseUri}: {e.InnerException?.Message ?? e.Message}",
    };
}
