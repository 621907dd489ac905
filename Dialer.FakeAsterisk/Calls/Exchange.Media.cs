using System.Text.Json;

namespace Dialer.Simulation.Calls;

// Playbacks and bridges.
internal sealed partial class Exchange
{
    private void Play(Request request, Answer answer, Channel? channel, string target, string? idInPath)
    {
        var media = request.Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("media", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(m => m.GetString() ?? "")]
            : request["media"] is { } one ? new[] { one } : [];
        if (media.Length == 0 || media.Any(m => !m.Contains(':', StringComparison.Ordinal)))
        {
            answer.Refuse(400, "media is required");
            return;
        }

        if (channel is { InStasis: false })
        {
            answer.Refuse(409, "Channel not in Stasis application");
            return;
        }

        var id = idInPath ?? request["playbackId"] ?? Guid.NewGuid().ToString();
        var application = channel?.Application ?? _applications.Values.First();
        var playback = new Playback(id, application, channel, target, media);
        if (!_playbacks.TryAdd(id, playback))
        {
            answer.Refuse(409, "Playback id in use");
            return;
        }

        answer.Send(201, playback.WriteTo);
        channel?.Playbacks.Add(playback);
        if (channel is null || channel.Playbacks.Count == 1)
        {
            PlayNext(playback);
        }
    }

    private void PlayNext(Playback playback)
    {
        playback.State = "playing";
        Tell(playback, "PlaybackStarted");
        Later(_lengths.Of(playback.Media[playback.Index]), new Appointment(Deed.MediumOver, Playback: playback));
    }

    private void MediumOver(Playback playback)
    {
        // Stopped meanwhile; or its channel is gone, which ended it.
        if (playback.State == "done" || !_playbacks.ContainsKey(playback.Id))
        {
            return;
        }

        if (playback.Index + 1 == playback.Media.Length)
        {
            Finish(playback, "done");
            return;
        }

        playback.State = "continuing";
        Tell(playback, "PlaybackContinuing");
        playback.Index++;
        PlayNext(playback);
    }

    private void Finish(Playback playback, string state)
    {
        _playbacks.Remove(playback.Id);
        playback.State = state;
        Tell(playback, "PlaybackFinished");
        if (playback.Channel is { } channel && channel.Playbacks.Remove(playback) && !channel.IsGone && channel.Playbacks is [var next, ..] && next.State == "queued")
        {
            PlayNext(next);
        }
    }

    private void Tell(Playback playback, string type)
    {
        if (Begin(playback.Application, type))
        {
            _event.Add(",\"playback\":"u8);
            playback.WriteTo(_event);
            Emit(playback.Application);
        }
    }

    private void CreateBridge(Request request, Answer answer, string? idInPath)
    {
        var bridge = new Bridge(idInPath ?? request["bridgeId"] ?? Guid.NewGuid().ToString(), request["type"] ?? "mixing", _clock.Format(_now));
        if (_bridges.TryAdd(bridge.Id, bridge))
        {
            answer.Send(200, bridge.WriteTo);
        }
        else
        {
            answer.Refuse(409, "Bridge with id already exists");
        }
    }

    private void AddToBridge(Bridge bridge, string? channelId, Answer answer)
    {
        if (channelId is null || !_channels.TryGetValue(channelId, out var channel))
        {
            answer.Refuse(400, "Channel not found");
        }
        else if (!channel.InStasis)
        {
            answer.Refuse(409, "Channel not in Stasis application");
        }
        else
        {
            answer.Done();
            if (channel.Bridge != bridge)
            {
                LeaveBridge(channel);
                channel.Bridge = bridge;
                bridge.Channels.Add(channel);
                Tell(bridge, channel, channel.Application, "ChannelEnteredBridge");
            }
        }
    }

    private void RemoveFromBridge(Bridge bridge, string? channelId, Answer answer)
    {
        if (channelId is null || !_channels.TryGetValue(channelId, out var channel))
        {
            answer.Refuse(400, "Channel not found");
        }
        else if (channel.Bridge != bridge)
        {
            answer.Refuse(422, "Channel not in this bridge");
        }
        else
        {
            answer.Done();
            LeaveBridge(channel);
        }
    }

    private void DestroyBridge(Bridge bridge, Answer answer)
    {
        answer.Done();
        var application = bridge.Channels is [var first, ..] ? first.Application : null;
        foreach (var channel in bridge.Channels.ToArray())
        {
            LeaveBridge(channel);
        }

        _bridges.Remove(bridge.Id);
        if (application is not null)
        {
            Tell(bridge, null, application, "BridgeDestroyed");
        }
    }

    private void LeaveBridge(Channel channel)
    {
        if (channel.Bridge is { } bridge)
        {
            bridge.Channels.Remove(channel);
            channel.Bridge = null;
            Tell(bridge, channel, channel.Application, "ChannelLeftBridge");
        }
    }

    private void Tell(Bridge bridge, Channel? channel, Application application, string type)
    {
        if (Begin(application, type))
        {
            _event.Add(",\"bridge\":"u8);
            bridge.WriteTo(_event);
            if (channel is not null)
            {
                _event.Add(",\"channel\":"u8);
                channel.WriteTo(_event);
            }

            Emit(application);
        }
    }
}
