using System.Text.Json;

namespace Dialer.Simulation.Calls;

// What each path of ARI does.
internal sealed partial class Exchange
{
    private readonly Dictionary<string, string> _config = new(StringComparer.Ordinal);

    /// <summary>Carries out one request, inside <see cref="Enter(Wire.Connection)"/>.</summary>
    public void Carry(Request request, Answer answer)
    {
        switch (request.Segments)
        {
            case ["channels"] when request.Method == "POST":
                Originate(request, answer, idInPath: null);
                break;
            case ["channels"]:
                answer.Send(200, text => AddAll(text, _channels.Values, (c, t) => c.WriteTo(t)));
                break;
            case ["channels", var id] when request.Method == "POST":
                Originate(request, answer, id);
                break;
            case ["channels", var id, .. var rest]:
                if (_channels.TryGetValue(id, out var channel))
                {
                    OnChannel(request, answer, channel, rest);
                }
                else
                {
                    answer.Refuse(404, "Channel not found");
                }

                break;
            case ["playbacks", var id]:
                OnPlayback(request, answer, id);
                break;
            case ["bridges", ..]:
                OnBridges(request, answer);
                break;
            case ["endpoints", ..]:
                OnEndpoints(request, answer);
                break;
            case ["applications", var name, .. var rest]:
                OnApplication(request, answer, name, rest);
                break;
            case ["asterisk", "config", "dynamic", "res_pjsip", var type, var id]:
                OnConfig(request, answer, $"{type}/{id}");
                break;
            case ["asterisk", "variable"]:
                answer.Send(200, text => text.Add("{\"value\":\""u8).Add(request["variable"] == "DIALER_ANSWERED" ? AnsweredContext : "").Add("\"}"u8));
                break;
            case ["asterisk", "info"]:
                answer.Send(200, text => text.Add("{\"system\":{\"version\":\"22.10.1\",\"entity_id\":\"02:00:00:00:00:01\"},\"status\":{\"startup_time\":\""u8)
                    .Add(_startedAt).Add("\",\"last_reload_time\":\""u8).Add(_startedAt).Add("\"}}"u8));
                break;
            case ["asterisk", "ping"]:
                answer.Send(200, text => text.Add("{\"ping\":\"pong\",\"asterisk_id\":\"02:00:00:00:00:01\",\"timestamp\":\""u8).Add(_clock.Format(_now)).Add("\"}"u8));
                break;
            default:
                answer.Refuse(404, "Resource not found");
                break;
        }
    }

    private void OnChannel(Request request, Answer answer, Channel channel, string[] rest)
    {
        switch (request.Method, rest)
        {
            case ("GET", []):
                answer.Send(200, channel.WriteTo);
                break;
            case ("DELETE", []):
                answer.Done();
                End(channel, int.TryParse(request["reason_code"], out var cause) ? cause : 16, 0, null, HungUpBy.Client);
                break;
            case ("POST", ["play", .. var playback]):
                Play(request, answer, channel, $"channel:{channel.Id}", playback is [var id] ? id : null);
                break;
            case (_, ["moh" or "answer" or "ring"]):
                if (channel.InStasis)
                {
                    answer.Done();
                }
                else
                {
                    answer.Refuse(409, "Channel not in Stasis application");
                }

                break;
            default:
                answer.Refuse(404, "Resource not found");
                break;
        }
    }

    private void OnPlayback(Request request, Answer answer, string id)
    {
        if (!_playbacks.TryGetValue(id, out var playback))
        {
            answer.Refuse(404, "Playback not found");
        }
        else if (request.Method == "GET")
        {
            answer.Send(200, playback.WriteTo);
        }
        else
        {
            answer.Done();
            Finish(playback, "done");
        }
    }

    private void OnBridges(Request request, Answer answer)
    {
        switch (request.Method, request.Segments)
        {
            case ("GET", [_]):
                answer.Send(200, text => AddAll(text, _bridges.Values, (b, t) => b.WriteTo(t)));
                break;
            case ("POST", [_]):
                CreateBridge(request, answer, idInPath: null);
                break;
            case ("POST", [_, var id]):
                CreateBridge(request, answer, id);
                break;
            case (_, [_, var id, ..]) when !_bridges.ContainsKey(id):
                answer.Refuse(404, "Bridge not found");
                break;
            case ("GET", [_, var id]):
                answer.Send(200, _bridges[id].WriteTo);
                break;
            case ("DELETE", [_, var id]):
                DestroyBridge(_bridges[id], answer);
                break;
            case ("POST", [_, var id, "addChannel"]):
                AddToBridge(_bridges[id], request["channel"], answer);
                break;
            case ("POST", [_, var id, "removeChannel"]):
                RemoveFromBridge(_bridges[id], request["channel"], answer);
                break;
            case ("POST", [_, var id, "play", var playback]):
                Play(request, answer, channel: null, $"bridge:{id}", playback);
                break;
            case (_, [_, _, "moh"]):
                answer.Done();
                break;
            default:
                answer.Refuse(404, "Resource not found");
                break;
        }
    }

    private void OnEndpoints(Request request, Answer answer)
    {
        var ids = _config.Keys.Where(k => k.StartsWith("endpoint/", StringComparison.Ordinal)).Select(k => k["endpoint/".Length..]);
        switch (request.Segments)
        {
            case [_]:
                answer.Send(200, text => AddAll(text, ids, AddEndpoint));
                break;
            case [_, "PJSIP", var id] when _config.ContainsKey($"endpoint/{id}"):
                answer.Send(200, text => AddEndpoint(id, text));
                break;
            default:
                answer.Refuse(404, "Endpoint not found");
                break;
        }
    }

    private void AddEndpoint(string id, Wire.Utf8Text text) =>
        text.Add("{\"technology\":\"PJSIP\",\"resource\":\""u8).AddEscaped(id).Add("\",\"state\":\"online\",\"channel_ids\":["u8)
            .AddStrings(_channels.Values.Where(c => c.Endpoint == id).Select(c => c.Id)).Add("]}"u8);

    private void OnConfig(Request request, Answer answer, string key)
    {
        switch (request.Method)
        {
            case "PUT":
                // What comes back is what was said last: nothing here acts by it but that the object exists.
                _config[key] = request.Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("fields", out var fields) ? fields.GetRawText() : "[]";
                answer.Send(200, text => text.Add(_config[key]));
                break;
            case "DELETE" when _config.Remove(key):
                answer.Done();
                break;
            case "GET" when _config.TryGetValue(key, out var known):
                answer.Send(200, text => text.Add(known));
                break;
            default:
                answer.Refuse(404, "Object not found");
                break;
        }
    }

    private void OnApplication(Request request, Answer answer, string name, string[] rest)
    {
        if (!_applications.TryGetValue(name, out var application) || application.Socket is null)
        {
            answer.Refuse(404, "Application not found");
            return;
        }

        if (request.Method == "PUT" && rest is ["eventFilter"])
        {
            application.Allowed = request.Types("allowed") ?? application.Allowed;
            application.Disallowed = request.Types("disallowed") ?? application.Disallowed;
        }

        answer.Send(200, text => text.Add("{\"name\":\""u8).AddEscaped(name).Add("\",\"channel_ids\":["u8)
            .AddStrings(_channels.Values.Where(c => c.Application == application).Select(c => c.Id))
            .Add("],\"bridge_ids\":[],\"endpoint_ids\":[\"__AST_ENDPOINT_ALL_TOPIC\"],\"device_names\":[],\"events_allowed\":[],\"events_disallowed\":[]}"u8));
    }

    private static void AddAll<T>(Wire.Utf8Text text, IEnumerable<T> all, Action<T, Wire.Utf8Text> add)
    {
        text.Add("["u8);
        var separator = ""u8;
        foreach (var one in all)
        {
            text.Add(separator);
            add(one, text);
            separator = ","u8;
        }

        text.Add("]"u8);
    }
}
