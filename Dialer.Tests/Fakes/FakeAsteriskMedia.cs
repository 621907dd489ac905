using System.Text.Json.Nodes;

namespace Dialer.Tests.Fakes;

// Playbacks and bridges.
public sealed partial class FakeAsterisk
{
    /// <summary>A playback ends now: all of its media are over, or it failed.</summary>
    public void FinishPlayback(string playbackId, bool failed = false) => Change(() => Finish(
        _playbacks.TryGetValue(playbackId, out var playback)
            ? playback
            : throw new InvalidOperationException($"The fake Asterisk has no playback '{playbackId}'; it has {string.Join(", ", _playbacks.Keys)}."),
        failed ? "failed" : "done"));

    private FakeReply Play(FakeRequest request, FakeChannel? channel, string target, string? idInPath)
    {
        var media = request.Body?["media"] is JsonArray list
            ? list.Select(m => m!.GetValue<string>()).ToArray()
            : request["media"] is { } one ? [one] : [];
        if (media.Length == 0 || media.Any(m => !m.Contains(':', StringComparison.Ordinal)))
        {
            return FakeReply.Message(400, "media is required");
        }

        if (channel is { InStasis: false })
        {
            return FakeReply.Message(409, "Channel not in Stasis application");
        }

        var id = idInPath ?? request["playbackId"] ?? Guid.NewGuid().ToString();
        if (_playbacks.ContainsKey(id))
        {
            return FakeReply.Message(409, "Playback id in use");
        }

        var app = channel?.App ?? _sockets.Keys.FirstOrDefault() ?? "";
        var playback = new FakePlayback { Id = id, Target = target, Media = media, App = app, Channel = channel };
        _playbacks[id] = playback;
        _plays.Add(new FakePlay(id, target, media, Now));
        var reply = new FakeReply(201, playback.ToJson());
        channel?.Playbacks.Add(playback);
        if (channel is null || channel.Playbacks.Count == 1)
        {
            PlayNext(playback);
        }

        return reply;
    }

    private void PlayNext(FakePlayback playback)
    {
        playback.State = "playing";
        Tell(playback, "PlaybackStarted");
        var media = playback.Media[playback.Index];
        if (playback.Channel is { } listener)
        {
            foreach (var (_, digits) in listener.Subscriber.Reactions.Where(r => media.Contains(r.Media, StringComparison.Ordinal)))
            {
                Do(listener, new Subscriber.Act(digits, TimeSpan.Zero));
            }
        }

        var failed = PlaybackFails(media);
        if ((failed ? TimeSpan.Zero : PlaybackDuration(media)) is { } time)
        {
            playback.Timer = Later(time, () => MediumOver(playback, failed));
        }
    }

    // A medium that fails lets the next one play: only the last one decides between done and failed (res_stasis_playback).
    private void MediumOver(FakePlayback playback, bool failed)
    {
        if (!_playbacks.ContainsKey(playback.Id))
        {
            return;
        }

        if (playback.Index + 1 == playback.Media.Length)
        {
            Finish(playback, failed ? "failed" : "done");
            return;
        }

        playback.State = "continuing";
        Tell(playback, "PlaybackContinuing");
        playback.Index++;
        PlayNext(playback);
    }

    private void Finish(FakePlayback playback, string state)
    {
        if (!_playbacks.Remove(playback.Id))
        {
            return;
        }

        playback.Timer?.Dispose();
        playback.State = state;
        Tell(playback, "PlaybackFinished");
        if (playback.Channel is { } channel && channel.Playbacks.Remove(playback) && channel.Playbacks is [var next, ..] && next.State == "queued")
        {
            PlayNext(next);
        }
    }

    private void Tell(FakePlayback playback, string type) => Emit(playback.App, type, e => e["playback"] = playback.ToJson());

    private FakeReply CreateBridge(FakeRequest request, string? idInPath)
    {
        var id = idInPath ?? request["bridgeId"] ?? Guid.NewGuid().ToString();
        if (_bridges.ContainsKey(id))
        {
            return FakeReply.Message(409, $"Bridge with id '{id}' already exists");
        }

        var bridge = new FakeBridge { Id = id, Type = request["type"] ?? "mixing", CreatedAt = Now };
        _bridges[id] = bridge;
        return new FakeReply(200, bridge.ToJson());
    }

    private FakeReply AddToBridge(FakeBridge bridge, string? channelId)
    {
        if (channelId is null || !_channels.TryGetValue(channelId, out var channel))
        {
            return FakeReply.Message(400, "Channel not found");
        }

        if (!channel.InStasis)
        {
            return FakeReply.Message(409, "Channel not in Stasis application");
        }

        if (channel.BridgeId != bridge.Id)
        {
            LeaveBridge(channel);
            channel.BridgeId = bridge.Id;
            bridge.Channels.Add(channel.Id);
            TellBridge(bridge, channel, "ChannelEnteredBridge");
        }

        return FakeReply.NoContent;
    }

    private FakeReply RemoveFromBridge(FakeBridge bridge, string? channelId)
    {
        if (channelId is null || !_channels.TryGetValue(channelId, out var channel))
        {
            return FakeReply.Message(400, "Channel not found");
        }

        if (channel.BridgeId != bridge.Id)
        {
            return FakeReply.Message(422, "Channel not in this bridge");
        }

        LeaveBridge(channel);
        return FakeReply.NoContent;
    }

    private FakeReply DestroyBridge(FakeBridge bridge)
    {
        var app = bridge.Channels.Select(id => _channels[id].App).FirstOrDefault();
        foreach (var id in bridge.Channels.ToArray())
        {
            LeaveBridge(_channels[id]);
        }

        _bridges.Remove(bridge.Id);
        if (app is not null)
        {
            Emit(app, "BridgeDestroyed", e => e["bridge"] = bridge.ToJson());
        }

        return FakeReply.NoContent;
    }

    private void LeaveBridge(FakeChannel channel)
    {
        if (channel.BridgeId is { } id && _bridges.TryGetValue(id, out var bridge))
        {
            bridge.Channels.Remove(channel.Id);
            channel.BridgeId = null;
            TellBridge(bridge, channel, "ChannelLeftBridge");
        }
    }

    private void TellBridge(FakeBridge bridge, FakeChannel channel, string type) => Emit(channel.App, type, e =>
    {
        e["bridge"] = bridge.ToJson();
        e["channel"] = channel.ToJson();
    });
}
