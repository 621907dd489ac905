using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Dialer.Tests.Fakes;

// The wire: Kestrel, HTTP, and the event sockets.
public sealed partial class FakeAsterisk
{
    private readonly Dictionary<string, FakeSocket> _sockets = new(StringComparer.Ordinal);
    private WebApplication? _server;
    private int _port;

    /// <summary>Applications that have a socket now.</summary>
    public IReadOnlyList<string> Applications => Locked(() => _sockets.Keys.ToArray());

    /// <summary>How many sockets were ever opened.</summary>
    public int SocketsOpened { get; private set; }

    /// <summary>Starts (again): no channels, no bridges, no dynamic configuration, the same port.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        var server = builder.Build();
        server.UseWebSockets();
        server.Run(ServeAsync);
        StartedAt = _time.GetUtcNow();
        _server = server;
        await server.StartAsync();
        _port = new Uri(server.Urls.First()).Port;
    }

    /// <summary>Dies: sockets break, calls and dynamic configuration are lost.</summary>
    public async Task StopAsync()
    {
        var server = _server;
        Change(() => _server = null);
        DropSocket();
        if (server is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await server.StopAsync(now.Token);
            await server.DisposeAsync();
        }

        Change(() =>
        {
            foreach (var channel in _channels.Values.ToArray())
            {
                Forget(channel);
            }

            _bridges.Clear();
            _playbacks.Clear();
            _config.Clear();
        });
    }

    /// <summary>The event sockets break without good-bye; calls live on, events of the gap are lost.</summary>
    public void DropSocket()
    {
        FakeSocket[] sockets = [];
        Change(() =>
        {
            sockets = [.. _sockets.Values];
            _sockets.Clear();
        });
        foreach (var socket in sockets)
        {
            socket.Abort();
        }
    }

    /// <summary>
    /// The application is gone, and its socket stays open and silent: Asterisk 22.10 does so to one that is opened while the one before goes.
    /// </summary>
    public void TakeDown(string app) => Change(() => _sockets.Remove(app));

    /// <summary>An application keeps its socket, and is told to have no subscription to all channels and endpoints any more.</summary>
    public void Unsubscribe(string app) => Change(() => _sockets[app].OfAll = false);

    /// <summary>Sends a text to an application as it is, JSON or not.</summary>
    public void SendRaw(string app, string text) => Change(() => _sockets[app].Queue(text));

    /// <summary>Sends an event of any kind to an application.</summary>
    public void SendEvent(string app, string type, JsonObject fields) => Change(() => Emit(app, type, e =>
    {
        foreach (var (name, value) in fields)
        {
            e[name] = value?.DeepClone();
        }
    }));

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var credentials = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        if (_server is null)
        {
            // Dying: who reconnects faster than the listener closes must not get in.
            context.Abort();
        }
        else if (RefuseConnections)
        {
            context.Response.StatusCode = 503;
        }
        else if (context.Request.Headers.Authorization != credentials)
        {
            context.Response.StatusCode = 401;
        }
        else if (path == "/ari/events" && context.WebSockets.IsWebSocketRequest)
        {
            await ServeSocketAsync(context);
        }
        else if (path.StartsWith("/ari/", StringComparison.Ordinal))
        {
            await ServeRequestAsync(context, context.Request.Path.Value!["/ari/".Length..]);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task ServeRequestAsync(HttpContext context, string path)
    {
        using var body = new StreamReader(context.Request.Body);
        var request = Parse(context.Request.Method, path, context.Request.QueryString.Value ?? "", await body.ReadToEndAsync(), overSocket: false);
        var reply = FakeReply.NoContent;
        Change(() => reply = Carry(request));
        if (LosesAnswer(request))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        context.Response.StatusCode = reply.Status;
        if (reply.Body is { } json)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
        }
    }

    private async Task ServeSocketAsync(HttpContext context)
    {
        var app = context.Request.Query["app"].ToString();
        var socket = new FakeSocket();
        // Before the client is answered: as soon as it is, it asks for its application.
        Change(() =>
        {
            if (_sockets.ContainsKey(app))
            {
                Emit(app, "ApplicationReplaced", _ => { });
            }

            if (_server is null)
            {
                socket.Abort();
                return;
            }

            SocketsOpened++;
            if (OpensDeaf > 0)
            {
                OpensDeaf--;
                return;
            }

            _sockets[app] = socket;
            socket.OfAll = context.Request.Query["subscribeAll"] == "true";
        });
        try
        {
            using var webSocket = await context.WebSockets.AcceptWebSocketAsync();
            socket.Open(webSocket);
            var writing = socket.WriteAsync();
            await socket.ReadAsync(text => OnMessage(socket, app, text));
            Remove(app, socket);
            socket.Complete();
            await writing;
        }
        finally
        {
            // Also where the client was gone before its answer.
            Remove(app, socket);
        }
    }

    private void Remove(string app, FakeSocket socket) => Change(() =>
    {
        if (_sockets.GetValueOrDefault(app) == socket)
        {
            _sockets.Remove(app);
        }
    });

    private void OnMessage(FakeSocket socket, string app, string text)
    {
        if (!AnswersOverSocket)
        {
            return;
        }

        var message = JsonNode.Parse(text)!;
        var uri = message["uri"]!.GetValue<string>().Split('?', 2);
        var request = Parse(
            message["method"]!.GetValue<string>(), Uri.UnescapeDataString(uri[0]), uri.Length > 1 ? uri[1] : "", message["message_body"]?.GetValue<string>() ?? "", overSocket: true);
        Change(() =>
        {
            if (!_sockets.ContainsKey(app))
            {
                return;
            }

            // The answer goes out before the events that the request causes.
            socket.Hold();
            var reply = Carry(request);
            var answer = new JsonObject
            {
                ["type"] = "RESTResponse",
                ["transaction_id"] = "",
                ["request_id"] = message["request_id"]?.DeepClone(),
                ["status_code"] = reply.Status,
                ["reason_phrase"] = "",
                ["uri"] = uri[0],
            };
            if (reply.Body is { } json)
            {
                answer["content_type"] = "application/json";
                answer["message_body"] = json.ToJsonString();
            }

            answer["application"] = app;
            socket.Release(LosesAnswer(request) ? null : answer);
        });
    }

    private FakeRequest Parse(string method, string path, string query, string body, bool overSocket)
    {
        var parameters = QueryHelpers.ParseQuery(query).ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
        var json = body.Length > 0 ? JsonNode.Parse(body) : null;
        foreach (var (name, value) in json as JsonObject ?? [])
        {
            if (value?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number)
            {
                parameters[name] = value.ToString();
            }
        }

        return new FakeRequest(method, path, parameters, json, _time.GetUtcNow(), overSocket);
    }
}
