using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Dialer.Tests.Infrastructure;

/// <summary>How a call ended on our side, in Asterisk's words.</summary>
/// <param name="Answered">StasisStart came.</param>
/// <param name="DialStatus">The last one.</param>
/// <param name="Keys">What was pressed.</param>
public sealed record CallEnd(bool Answered, string DialStatus, int Cause, int? TechCause, string Keys);

/// <summary>
/// Calls through the pbx with nothing of the dialer in between: plain HTTP and a plain WebSocket. It shows that the
/// telephone network itself is as promised, whatever state the dialer's own ARI client is in.
/// </summary>
public sealed class PlainCaller : IAsyncDisposable
{
    private const string App = "dialer";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly AsteriskPair _pair;
    private readonly ClientWebSocket _socket = new();
    private readonly Channel<JsonObject> _events = System.Threading.Channels.Channel.CreateUnbounded<JsonObject>();
    private readonly CancellationTokenSource _ending = new();
    private Task _receiving = Task.CompletedTask;

    private PlainCaller(AsteriskPair pair) => _pair = pair;

    public static async Task<PlainCaller> ConnectAsync(AsteriskPair pair)
    {
        var caller = new PlainCaller(pair);
        // A socket that is opened while the one before goes may never get an event (docs/decisions/0023).
        await Eventually.SeeAsync(
            async () =>
            {
                using var answer = await pair.Pbx.Http.GetAsync($"applications/{App}");
                return answer.StatusCode == HttpStatusCode.NotFound ? "gone" : null;
            },
            "the socket before is gone",
            Patience);
        var address = new UriBuilder(new Uri(pair.Pbx.AriUrl, $"events?app={App}&api_key={pair.Pbx.User}:{pair.Pbx.Password}")) { Scheme = "ws" };
        await caller._socket.ConnectAsync(address.Uri, CancellationToken.None);
        caller._receiving = caller.ReceiveAsync();
        return caller;
    }

    /// <summary>Pushes one PJSIP object, as the dialer does at each connect.</summary>
    public async Task PushAsync(string kind, string id, params (string Attribute, string Value)[] fields)
    {
        using var answer = await _pair.Pbx.Http.PutAsJsonAsync(
            $"asterisk/config/dynamic/res_pjsip/{kind}/{id}",
            new { fields = fields.Select(field => new { attribute = field.Attribute, value = field.Value }) });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A trunk to the telephone network, known there by its address or, with a login, by that.</summary>
    public async Task PushTrunkAsync(string id, string? login = null, string? password = null)
    {
        await PushAsync("aor", id, ("contact", string.Create(CultureInfo.InvariantCulture, $"sip:127.0.0.1:{_pair.Network.SipPort}")));
        List<(string, string)> endpoint = [
            ("aors", id), ("context", "from-trunk"), ("disallow", "all"), ("allow", "alaw,ulaw"), ("direct_media", "no")];
        if (login is not null)
        {
            await PushAsync("auth", id, ("auth_type", "userpass"), ("username", login), ("password", password!));
            endpoint.AddRange([("outbound_auth", id), ("from_user", login)]);
        }

        await PushAsync("endpoint", id, [.. endpoint]);
    }

    /// <summary>A phone that may register at the pbx and be rung there.</summary>
    public async Task PushPhoneAsync(string id, string password)
    {
        await PushAsync("auth", id, ("auth_type", "userpass"), ("username", id), ("password", password));
        await PushAsync("aor", id, ("max_contacts", "1"), ("remove_existing", "yes"));
        await PushAsync("endpoint", id, ("aors", id), ("auth", id), ("context", "internal"), ("disallow", "all"), ("allow", "alaw,ulaw"), ("direct_media", "no"));
    }

    public async Task WaitUntilOnlineAsync(string endpoint) => await Eventually.SeeAsync(
        async () =>
        {
            var state = await _pair.Pbx.Http.GetFromJsonAsync<JsonObject>($"endpoints/PJSIP/{endpoint}");
            return (string?)state!["state"] == "online" ? state : null;
        },
        $"endpoint {endpoint} online",
        Patience);

    /// <summary>Sends one request; throws on an error answer.</summary>
    public async Task SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await _pair.Pbx.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Starts a call and returns its channel's id.</summary>
    public async Task<string> OriginateAsync(string endpoint, int timeoutSeconds = 10)
    {
        var id = $"call-{Guid.NewGuid():N}";
        await SendAsync(HttpMethod.Post, "channels", new { endpoint, app = App, channelId = id, timeout = timeoutSeconds, callerId = "74950000000" });
        return id;
    }

    /// <summary>Waits for the next event that the caller wants; those before it are dropped.</summary>
    public async Task<JsonObject> NextAsync(Func<JsonObject, bool> wanted, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var seen in _events.Reader.ReadAllAsync(patience.Token))
            {
                if (wanted(seen))
                {
                    return seen;
                }
            }
        }
        catch (OperationCanceledException waitedTooLong)
        {
            throw new TimeoutException($"No event within {Patience}: {what}", waitedTooLong);
        }

        throw new InvalidOperationException($"The event socket ended before: {what}");
    }

    public Task AnsweredAsync(string channel) =>
        NextAsync(seen => Type(seen) == "StasisStart" && Channel(seen) == channel, $"StasisStart of {channel}");

    /// <summary>Follows a call to its end; hangs it up at a key or at its answer where asked to.</summary>
    public async Task<CallEnd> FollowAsync(string channel, bool hangUpAtAnswer = false, bool hangUpAtKey = false)
    {
        var (answered, status, keys) = (false, "", "");
        JsonObject last;
        do
        {
            last = await NextAsync(seen => Channel(seen) == channel, $"the end of {channel}, last Dial status «{status}»");
            switch (Type(last))
            {
                case "Dial": status = (string)last["dialstatus"]!; break;
                case "StasisStart": answered = true; break;
                case "ChannelDtmfReceived": keys += (string)last["digit"]!; break;
                default: break;
            }

            if ((hangUpAtAnswer && Type(last) == "StasisStart") || (hangUpAtKey && Type(last) == "ChannelDtmfReceived"))
            {
                await SendAsync(HttpMethod.Delete, $"channels/{channel}");
            }
        }
        while (Type(last) != "ChannelDestroyed");

        return new CallEnd(answered, status, (int)last["cause"]!, (int?)last["tech_cause"], keys);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _ending.Dispose();
    }

    public static string Type(JsonObject seen) => (string)seen["type"]!;

    public static string? Channel(JsonObject seen) => (string?)(seen["channel"] ?? seen["peer"])?["id"];

    private async Task ReceiveAsync()
    {
        var buffer = new ArraySegment<byte>(new byte[64 * 1024]);
        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer, _ending.Token);
                    message.Write(buffer.AsSpan(0, part.Count));
                }
                while (!part.EndOfMessage);

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                _events.Writer.TryWrite(JsonSerializer.Deserialize<JsonObject>(message.ToArray())!);
            }
        }
        catch (Exception ending) when (ending is OperationCanceledException or WebSocketException)
        {
            // The test is over, or Asterisk was killed by it.
        }

        _events.Writer.TryComplete();
    }
}
