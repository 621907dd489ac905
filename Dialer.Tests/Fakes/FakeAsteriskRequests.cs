using System.Text.Json.Nodes;

namespace Dialer.Tests.Fakes;

// What each path of ARI does.
public sealed partial class FakeAsterisk
{
    private static readonly FakeReply s_noChannel = FakeReply.Message(404, "Channel not found");

    private FakeReply Carry(FakeRequest request)
    {
        _requests.Add(request);
        if (Intercept?.Invoke(request) is { } reply)
        {
            return reply;
        }

        return request.Segments switch
        {
            ["asterisk", "info"] => new FakeReply(200, new JsonObject
            {
                ["system"] = new JsonObject { ["version"] = "22.10.1", ["entity_id"] = "02:00:00:00:00:01" },
                ["status"] = new JsonObject { ["startup_time"] = Format(StartedAt), ["last_reload_time"] = Format(StartedAt) },
            }),
            ["asterisk", "ping"] => new FakeReply(200, new JsonObject
            {
                ["ping"] = "pong", ["timestamp"] = Format(Now), ["asterisk_id"] = "02:00:00:00:00:01",
            }),
            ["asterisk", "variable"] => new FakeReply(200, new JsonObject { ["value"] = LetsAnsweredWait && request["variable"] == "DIALER_ANSWERED" ? "answered" : "" }),
            ["asterisk", "config", "dynamic", "res_pjsip", var type, var id] => Config(request, $"{type}/{id}"),
            ["applications", var app, ..] => Application(request, app),
            ["endpoints"] => new FakeReply(200, new JsonArray([.. EndpointIds().Select(id => (JsonNode)EndpointJson(id))])),
            ["endpoints", "PJSIP", var id] => EndpointIds().Contains(id, StringComparer.Ordinal)
                ? new FakeReply(200, EndpointJson(id))
                : FakeReply.Message(404, "Endpoint not found"),
            ["channels"] when request.Method == "GET" => new FakeReply(200, new JsonArray([.. _channels.Values.Select(c => (JsonNode)c.ToJson())])),
            ["channels"] => Originate(request, idInPath: null),
            ["channels", var id] when request.Method == "POST" => Originate(request, id),
            ["channels", var id, .. var rest] => _channels.TryGetValue(id, out var channel) ? OnChannel(request, channel, rest) : s_noChannel,
            ["bridges"] when request.Method == "GET" => new FakeReply(200, new JsonArray([.. _bridges.Values.Select(b => (JsonNode)b.ToJson())])),
            ["bridges"] => CreateBridge(request, idInPath: null),
            ["bridges", var id] when request.Method == "POST" => CreateBridge(request, id),
            ["bridges", var id, .. var rest] => _bridges.TryGetValue(id, out var bridge)
                ? OnBridge(request, bridge, rest)
                : FakeReply.Message(404, "Bridge not found"),
            ["playbacks", var id] => _playbacks.TryGetValue(id, out var playback) ? OnPlayback(request, playback) : FakeReply.Message(404, "Playback not found"),
            _ => FakeReply.Message(404, "Resource not found"),
        };
    }

    private FakeReply OnChannel(FakeRequest request, FakeChannel channel, string[] rest)
    {
        switch (request.Method, rest)
        {
            case ("GET", []):
                return new FakeReply(200, channel.ToJson());
            case ("DELETE", []):
                End(channel, int.TryParse(request["reason_code"], out var cause) ? cause : 16, null);
                return FakeReply.NoContent;
            case ("POST", ["play"]):
                return Play(request, channel, $"channel:{channel.Id}", idInPath: null);
            case ("POST", ["play", var playback]):
                return Play(request, channel, $"channel:{channel.Id}", playback);
            case ("GET", ["variable"]):
                return channel.Variables.TryGetValue(request["variable"] ?? "", out var value)
                    ? new FakeReply(200, new JsonObject { ["value"] = value })
                    : FakeReply.Message(404, "Provided variable was not found");
            case ("POST", ["variable"]):
                channel.Variables[request["variable"] ?? ""] = request["value"] ?? "";
                return FakeReply.NoContent;
        }

        if (!channel.InStasis)
        {
            return FakeReply.Message(409, "Channel not in Stasis application");
        }

        switch (request.Method, rest)
        {
            case ("POST", ["continue"]):
                StopTimers(channel);
                channel.InStasis = false;
                Emit(channel.App, "StasisEnd", e => e["channel"] = channel.ToJson());
                return FakeReply.NoContent;
            case (var method, ["moh"]):
                channel.HasMoh = method == "POST";
                return FakeReply.NoContent;
            case ("POST", ["answer"]) or (_, ["ring"]):
                return FakeReply.NoContent;
            default:
                return FakeReply.Message(404, "Resource not found");
        }
    }

    private FakeReply OnBridge(FakeRequest request, FakeBridge bridge, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => new FakeReply(200, bridge.ToJson()),
        ("DELETE", []) => DestroyBridge(bridge),
        ("POST", ["addChannel"]) => AddToBridge(bridge, request["channel"]),
        ("POST", ["removeChannel"]) => RemoveFromBridge(bridge, request["channel"]),
        ("POST", ["play", var id]) => Play(request, channel: null, $"bridge:{bridge.Id}", id),
        (_, ["moh"]) => FakeReply.NoContent,
        _ => FakeReply.Message(404, "Resource not found"),
    };

    private FakeReply OnPlayback(FakeRequest request, FakePlayback playback)
    {
        if (request.Method == "GET")
        {
            return new FakeReply(200, playback.ToJson());
        }

        Finish(playback, "done");
        return FakeReply.NoContent;
    }

    private FakeReply Config(FakeRequest request, string key)
    {
        switch (request.Method)
        {
            case "PUT":
                var fields = request.Body?["fields"]?.AsArray() ?? [];
                _config[key] = fields.ToDictionary(f => f!["attribute"]!.GetValue<string>(), f => f!["value"]!.GetValue<string>(), StringComparer.Ordinal);
                return new FakeReply(200, FieldsOf(key));
            case "DELETE":
                return _config.Remove(key) ? FakeReply.NoContent : FakeReply.Message(404, $"Object with id '{key}' not found");
            default:
                return _config.ContainsKey(key) ? new FakeReply(200, FieldsOf(key)) : FakeReply.Message(404, $"Object with id '{key}' not found");
        }
    }

    private JsonArray FieldsOf(string key) =>
        new([.. _config[key].Select(f => (JsonNode)new JsonObject { ["attribute"] = f.Key, ["value"] = f.Value })]);

    private FakeReply Application(FakeRequest request, string app)
    {
        if (!_sockets.TryGetValue(app, out var socket))
        {
            return FakeReply.Message(404, "Application not found");
        }

        if (request is { Method: "PUT", Segments: [_, _, "eventFilter"] })
        {
            socket.Allowed = TypesIn(request.Body?["allowed"]) ?? socket.Allowed;
            socket.Disallowed = TypesIn(request.Body?["disallowed"]) ?? socket.Disallowed;
        }

        return new FakeReply(200, new JsonObject
        {
            ["name"] = app,
            ["channel_ids"] = new JsonArray([.. _channels.Values.Where(c => c.App == app).Select(c => (JsonNode)c.Id)]),
            ["bridge_ids"] = new JsonArray(),
            ["endpoint_ids"] = socket.OfAll ? new JsonArray("__AST_ENDPOINT_ALL_TOPIC") : new JsonArray(),
            ["device_names"] = new JsonArray(),
            ["events_allowed"] = new JsonArray(),
            ["events_disallowed"] = new JsonArray(),
        });
    }

    private static HashSet<string>? TypesIn(JsonNode? list) =>
        list?.AsArray().Select(t => t!["type"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<string> EndpointIds() =>
        _config.Keys.Where(k => k.StartsWith("endpoint/", StringComparison.Ordinal)).Select(k => k["endpoint/".Length..]);

    private JsonObject EndpointJson(string id) => new()
    {
        ["technology"] = "PJSIP",
        ["resource"] = id,
        ["state"] = EndpointState(id),
        ["channel_ids"] = new JsonArray([.. _channels.Values.Where(c => c.Endpoint == id).Select(c => (JsonNode)c.Id)]),
    };
}
