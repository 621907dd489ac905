using System.Text.Json.Nodes;

namespace Dialer.Tests.Fakes;

// The life of a channel: dialling, its far end's script, keys, hang-up.
public sealed partial class FakeAsterisk
{
    private static readonly Dictionary<string, (int Cause, int TechCause, string Status)> s_endings = new(StringComparer.Ordinal)
    {
        ["Busy"] = (17, 486, "BUSY"),
        ["Congestion"] = (34, 503, "CONGESTION"),
        ["Unallocated"] = (1, 404, "NOANSWER"),
        ["Rejected"] = (21, 403, "NOANSWER"),
        ["OutOfOrder"] = (38, 500, "NOANSWER"),
        ["Unreachable"] = (18, 408, "NOANSWER"),
    };

    private static readonly Dictionary<int, string> s_causes = new()
    {
        [1] = "Unallocated (unassigned) number",
        [16] = "Normal Clearing",
        [17] = "User busy",
        [18] = "No user responding",
        [19] = "User alerting, no answer",
        [21] = "Call Rejected",
        [34] = "Circuit/channel congestion",
        [38] = "Network out of order",
    };

    /// <summary>The far end answers now.</summary>
    public void Answer(string channelId) => Change(() => Answer(Must(channelId)));

    /// <summary>The far end (or the network) hangs up now.</summary>
    public void Hangup(string channelId, int cause = 16, int? techCause = null) => Change(() => End(Must(channelId), cause, techCause));

    /// <summary>The channel is gone now, and no event says so.</summary>
    public void LoseChannel(string channelId) => Change(() => Forget(Must(channelId)));

    /// <summary>The far end presses a key.</summary>
    public void Dtmf(string channelId, char digit) => Change(() => Press(Must(channelId), digit));

    private FakeChannel Must(string channelId) => _channels.TryGetValue(channelId, out var channel)
        ? channel
        : throw new InvalidOperationException($"The fake Asterisk has no channel '{channelId}'; it has {string.Join(", ", _channels.Keys)}.");

    private FakeReply Originate(FakeRequest request, string? idInPath)
    {
        var dial = request["endpoint"] ?? "";
        var address = dial.StartsWith("PJSIP/", StringComparison.Ordinal) ? dial["PJSIP/".Length..] : null;
        var parts = address?.Split('@', 2);
        var (number, endpoint) = parts switch { [var n, var e] => (n, e), [var e] => (e, e), _ => ("", "") };
        var id = idInPath ?? request["channelId"] ?? $"{Now.ToUnixTimeSeconds()}.{_serial}";
        if (_channels.ContainsKey(id))
        {
            return FakeReply.Message(409, "Channel with given unique ID already exists");
        }

        if (endpoint.Length == 0 || (!AnyEndpoint && !_config.ContainsKey($"endpoint/{endpoint}")))
        {
            return new FakeReply(500, new JsonObject { ["error"] = "Allocation failed" });
        }

        var channel = new FakeChannel
        {
            Id = id,
            Number = number,
            Endpoint = endpoint,
            App = request["app"] ?? request["extension"] ?? "",
            MayWait = request["context"] == "answered",
            AppArgs = request["appArgs"] ?? "",
            Subscriber = NextSubscriber(number),
            CreatedAt = Now,
            CallerId = request["callerId"],
            Serial = ++_serial,
        };
        foreach (var (name, value) in request.Body?["variables"]?.AsObject() ?? [])
        {
            channel.Variables[name] = value?.ToString() ?? "";
        }

        _channels[id] = channel;
        _originates.Add(new FakeOriginate(number, endpoint, id, channel.CreatedAt, request));
        _mostChannels[endpoint] = Math.Max(_mostChannels.GetValueOrDefault(endpoint), _channels.Values.Count(c => c.Endpoint == endpoint));
        var reply = new FakeReply(200, channel.ToJson());
        var seconds = int.TryParse(request["timeout"], out var timeout) ? timeout : 30;
        Ring(channel, seconds > 0 ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromDays(1));
        return reply;
    }

    private Subscriber NextSubscriber(string number) => !_scripts.TryGetValue(number, out var script) || script.Count == 0
        ? DefaultSubscriber
        : script.Count > 1 ? script.Dequeue() : script.Peek();

    private void Ring(FakeChannel channel, TimeSpan timeout)
    {
        var far = channel.Subscriber;
        Dialled(channel, "");
        if (far.HasEarlyMedia)
        {
            Dialled(channel, "PROGRESS");
        }
        else if (far.Ending == "Answer")
        {
            SetState(channel, "Ringing");
            Dialled(channel, "RINGING");
        }

        var rings = far.RingsFor == Timeout.InfiniteTimeSpan || far.RingsFor > timeout ? timeout : far.RingsFor;
        After(channel, rings, () =>
        {
            if (rings != far.RingsFor)
            {
                Destroy(channel, 19, 480);
            }
            else if (far.Ending == "Answer")
            {
                Answer(channel);
            }
            else
            {
                var (cause, techCause, status) = s_endings[far.Ending];
                End(channel, cause, techCause, status);
            }
        });
    }

    private void Answer(FakeChannel channel)
    {
        if (channel.State == "Up")
        {
            return;
        }

        StopTimers(channel);
        SetState(channel, "Up");
        Dialled(channel, "ANSWER");
        if (!_sockets.ContainsKey(channel.App) && !channel.MayWait)
        {
            // Asterisk: «Stasis app 'x' not active», and hangs up.
            Destroy(channel, 16, null);
            return;
        }

        Enter(channel, tries: 0);
        foreach (var act in channel.Subscriber.Acts)
        {
            After(channel, act.At, () => Do(channel, act));
        }
    }

    /// <summary>To its application; while nobody listens there, the dial plan tries again and again (asterisk/pbx/extensions.conf).</summary>
    private void Enter(FakeChannel channel, int tries)
    {
        if (_sockets.ContainsKey(channel.App))
        {
            channel.InStasis = true;
            Emit(channel.App, "StasisStart", e =>
            {
                e["args"] = new JsonArray([.. channel.AppArgs.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(a => (JsonNode)a)]);
                e["channel"] = channel.ToJson();
            });
        }
        else if (tries < 100)
        {
            After(channel, TimeSpan.FromSeconds(0.2), () => Enter(channel, tries + 1));
        }
        else
        {
            Destroy(channel, 16, null);
        }
    }

    private void Do(FakeChannel channel, Subscriber.Act act)
    {
        if (act.Digits is { } digits)
        {
            foreach (var digit in digits)
            {
                Press(channel, digit);
            }
        }
        else
        {
            End(channel, 16, null);
        }
    }

    private void Press(FakeChannel channel, char digit)
    {
        if (channel.InStasis)
        {
            Emit(channel.App, "ChannelDtmfReceived", e =>
            {
                e["digit"] = digit.ToString();
                e["duration_ms"] = 100;
                e["channel"] = channel.ToJson();
            });
        }
    }

    /// <summary>A hang-up by whomever, with all its events; or with none, where the script loses it.</summary>
    private void End(FakeChannel channel, int cause, int? techCause, string? dialStatus = null)
    {
        if (!_channels.ContainsKey(channel.Id))
        {
            return;
        }

        if (channel.Subscriber.LosesHangup)
        {
            Forget(channel);
            return;
        }

        Emit(channel.App, "ChannelHangupRequest", e =>
        {
            e["cause"] = cause;
            if (techCause is { } tech)
            {
                e["tech_cause"] = tech;
            }

            e["channel"] = channel.ToJson();
        });
        if (dialStatus is not null)
        {
            Dialled(channel, dialStatus);
        }

        Destroy(channel, cause, techCause);
    }

    private void Destroy(FakeChannel channel, int cause, int? techCause)
    {
        if (!_channels.ContainsKey(channel.Id))
        {
            return;
        }

        LeaveBridge(channel);
        foreach (var playback in channel.Playbacks.ToArray())
        {
            Finish(playback, "done");
        }

        Forget(channel);
        if (channel.InStasis)
        {
            Emit(channel.App, "StasisEnd", e => e["channel"] = channel.ToJson());
        }

        Emit(channel.App, "ChannelDestroyed", e =>
        {
            e["cause"] = cause;
            e["cause_txt"] = s_causes.GetValueOrDefault(cause, "Unknown");
            if (techCause is { } tech)
            {
                e["tech_cause"] = tech;
            }

            e["channel"] = channel.ToJson();
        });
    }

    private void Forget(FakeChannel channel)
    {
        StopTimers(channel);
        _channels.Remove(channel.Id);
        if (channel.BridgeId is { } bridge && _bridges.TryGetValue(bridge, out var room))
        {
            room.Channels.Remove(channel.Id);
        }

        foreach (var playback in channel.Playbacks)
        {
            playback.Timer?.Dispose();
            _playbacks.Remove(playback.Id);
        }
    }

    /// <summary>Something of a channel's script; never after its end.</summary>
    private void After(FakeChannel channel, TimeSpan time, Action action)
    {
        var timer = Later(time, () =>
        {
            if (_channels.TryGetValue(channel.Id, out var current) && current == channel)
            {
                action();
            }
        });
        if (timer is not null)
        {
            channel.Timers.Add(timer);
        }
    }

    private static void StopTimers(FakeChannel channel)
    {
        channel.Timers.ForEach(timer => timer.Dispose());
        channel.Timers.Clear();
    }

    private void SetState(FakeChannel channel, string state)
    {
        channel.State = state;
        Emit(channel.App, "ChannelStateChange", e => e["channel"] = channel.ToJson());
    }

    private void Dialled(FakeChannel channel, string status) => Emit(channel.App, "Dial", e =>
    {
        e["dialstatus"] = status;
        e["forward"] = "";
        e["dialstring"] = $"{channel.Number}@{channel.Endpoint}";
        e["peer"] = channel.ToJson();
    });
}
