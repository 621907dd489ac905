using System.Text.Json;
using Dialer.Ari.Requests;
using Dialer.Ari.Transport;

namespace Dialer.Ari;

// The life of one open socket: probe, announce, deliver, and tell the end.
public sealed partial class AriConnection
{
    /// <summary>Receives until the socket ends; returns why it did, null where we closed it.</summary>
    private async Task<Exception?> UseAsync(EventSocket socket, Action onConnected, CancellationToken stop)
    {
        Exception? reason = null;
        var announced = false;
        AriException? deaf = null;
        Task<bool>? outstanding = null;
        var watching = Task.CompletedTask;
        using var over = new CancellationTokenSource();
        var probe = ProbeAsync(socket, stop);
        try
        {
            using var closing = stop.Register(socket.Close);
            List<AriEvent>? held = [];
            while (true)
            {
                var receiving = socket.ReceiveAsync();
                if (held is not null)
                {
                    outstanding = receiving;
                    if (await Task.WhenAny(probe, outstanding) == probe)
                    {
                        Announce(socket, await probe);
                        announced = true;
                        onConnected();
                        held.ForEach(Deliver);
                        held = null;
                        watching = WatchAsync(socket, found => deaf = found, over.Token);
                    }
                }

                if (!await receiving)
                {
                    break;
                }

                if (Read(socket) is not { } e)
                {
                    continue;
                }

                if (held is not null)
                {
                    held.Add(e);
                    continue;
                }

                Deliver(e);
                if (e is ApplicationReplaced)
                {
                    return reason = new AriApplicationReplacedException(
                        $"Another client took over the events of application '{_options.Application}' at {_options.BaseUri}; run only one per name.");
                }
            }

            return reason = stop.IsCancellationRequested ? null : new AriException("Asterisk closed the event socket.");
        }
        catch (Exception e)
        {
            return reason = stop.IsCancellationRequested ? null : deaf ?? (e is AriException ? e : Broken(e));
        }
        finally
        {
            await over.CancelAsync();
            await watching;
            await EndAsync(socket, reason);

            // Both use the socket and its buffer, and end with it; how they ended is told already.
            await ((Task)probe).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task?)outstanding ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (announced)
            {
                Guarded("Disconnected", () => _sink.Disconnected(reason));
            }
        }
    }

    /// <summary>A peer that leaves pings unanswered shows up as nothing but «Aborted».</summary>
    private AriException Broken(Exception e) => new(
        $"The event socket broke, or Asterisk left a ping unanswered for {_options.KeepAliveTimeout}: {e.InnerException?.Message ?? e.Message}", e);

    private async Task EndAsync(EventSocket socket, Exception? reason)
    {
        lock (_stateLock)
        {
            _transport = null;
            if (_connected.Task.IsCompleted)
            {
                _connected = NewSignal();
            }
        }

        await socket.AbortAsync($"The connection to Asterisk ended: {reason?.Message ?? "closed by us"}");
    }

    /// <summary>Reads the received message; null where it was an answer, is of no interest, or cannot be read.</summary>
    private AriEvent? Read(EventSocket socket)
    {
        var message = socket.Message;
        try
        {
            Span<char> name = stackalloc char[64];
            var type = name[..AriEventReader.ReadType(message, name)];
            if (type is RestMessages.ResponseType)
            {
                socket.AcceptResponse();
                return null;
            }

            return AriEventReader.Read(message, type, _options.DeliverUnknownEvents);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            LogUnreadable(message.Length, _options.Application, e.Message);
            return null;
        }
    }

    private void Announce(EventSocket socket, AriConnectionInfo info)
    {
        lock (_stateLock)
        {
            _transport = info.Transport == AriTransport.Http ? _http : socket;
            _connected.TrySetResult(info);
        }

        AriTelemetry.Connected(_options.BaseUri.Authority);
        LogConnected(_options.Application, _options.BaseUri, info.Transport, info.Version);
        Guarded("Connected", () => _sink.Connected(info));
    }

    /// <summary>Finds out how requests can travel, and to which server.</summary>
    /// <exception cref="AriException">Requests cannot travel the way that the options demand.</exception>
    private async Task<AriConnectionInfo> ProbeAsync(EventSocket socket, CancellationToken stop)
    {
        await ThrowIfDeafAsync(stop);
        if (_options.Transport != AriTransport.Http)
        {
            var overSocket = await InfoOver(socket, _options.ProbeTimeout, stop);
            if (Travelled(overSocket))
            {
                return InfoOf(AriTransport.WebSocket, overSocket.Value);
            }

            if (_options.Transport == AriTransport.WebSocket)
            {
                throw new AriException(
                    $"Asterisk at {_options.BaseUri} takes no requests over the event socket ({overSocket.Error}); it needs a later version, or AriTransport.Auto or Http.");
            }
        }

        var overHttp = await InfoOver(_http, _options.RequestTimeout, stop);
        return Travelled(overHttp)
            ? InfoOf(AriTransport.Http, overHttp.Value)
            : throw new AriException($"Asterisk at {_options.BaseUri} sends events but takes no requests over HTTP: {overHttp.Error}");
    }

    /// <summary>
    /// Asterisk takes the application of a lost socket down by its name alone. A socket that is opened just then loses it as well: it stays
    /// open and answers pings, but no event ever comes, nor the answer to a request over it (docs/decisions/0023). So it is asked over HTTP.
    /// </summary>
    /// <exception cref="AriException">It is so. A question without an answer says nothing.</exception>
    private async Task ThrowIfDeafAsync(CancellationToken stop)
    {
        var answer = await new ApplicationRequests(SenderOver(_http, _options.RequestTimeout)).GetAsync(_options.Application, stop);
        // With events of all channels come those of all endpoints, and one entry stands for them all.
        if (answer.Error is { Kind: AriErrorKind.NotFound } || (_options.AllChannels && answer.Value is { EndpointIds: null or [] }))
        {
            throw new AriException(
                $"Asterisk has taken down application '{_options.Application}', as if its socket were closed; it is opened again.");
        }
    }

    /// <summary>Looks now and then whether events still come, and breaks the socket where they do not.</summary>
    private async Task WatchAsync(EventSocket socket, Action<AriException> found, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.KeepAliveInterval, _time, over);
                await ThrowIfDeafAsync(over);
            }
        }
        catch (OperationCanceledException)
        {
            // The socket is over.
        }
        catch (AriException deaf)
        {
            found(deaf);
            await socket.AbortAsync(deaf.Message);
        }
    }

    /// <summary>Any answer shows that requests travel this way, a refusal included.</summary>
    private static bool Travelled(AriResult<AsteriskInfo> answer) => answer.IsSuccess || answer.Error.Status is not null;

    private Task<AriResult<AsteriskInfo>> InfoOver(IRequestTransport transport, TimeSpan timeout, CancellationToken stop) =>
        new AsteriskRequests(SenderOver(transport, timeout)).InfoAsync(stop);

    private RequestSender SenderOver(IRequestTransport transport, TimeSpan timeout) => new(() => transport, _options.BaseUri.Authority, timeout);

    private AriConnectionInfo InfoOf(AriTransport transport, AsteriskInfo? info) =>
        new(_options.Application, transport, info?.System?.EntityId, info?.System?.Version, _time.GetUtcNow());

    private void Deliver(AriEvent e)
    {
        try
        {
            _sink.Received(e);
        }
        catch (Exception thrown)
        {
            LogSinkThrew(thrown, _options.Application, e.Type);
        }
    }

    private void Guarded(string what, Action call)
    {
        try
        {
            call();
        }
        catch (Exception e)
        {
            LogSinkThrew(e, _options.Application, what);
        }
    }
}
