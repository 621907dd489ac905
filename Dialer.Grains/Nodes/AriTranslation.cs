using System.Globalization;
using Dialer.Ari;
using Dialer.Grains.Calls;

namespace Dialer.Grains.Nodes;

/// <summary>Asterisk's events in the words of a call; null for those that no call needs.</summary>
internal static class AriTranslation
{
    /// <summary>
    /// Events that nobody reads, more than half of all traffic. A list of those that are wanted would be shorter, but Asterisk 22.10
    /// then holds back the answers to requests over the event socket as well.
    /// </summary>
    public static readonly IReadOnlyList<string> Unwanted =
    [
        "ChannelVarset", "ChannelCreated", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId", "ChannelUserevent", "ChannelHold",
        "ChannelUnhold", "ChannelTalkingStarted", "ChannelTalkingFinished", "ChannelToneDetected", "ChannelEnteredBridge", "ChannelLeftBridge",
        "BridgeCreated", "BridgeDestroyed", "BridgeMerged", "PlaybackStarted", "PlaybackContinuing", "StasisEnd", "DeviceStateChanged",
        "EndpointStateChange", "ContactStatusChange", "PeerStatusChange",
    ];

    public static CallEvent? Translate(AriEvent e) => e switch
    {
        // «Dialling begins» says nothing that the answer to the originate has not said.
        Dial { DialStatus: DialStatuses.Begin } => null,
        Dial dial => new(CallEventKind.Dial, dial.Peer.Id, e.Timestamp, dial.DialStatus),
        ChannelStateChange { Channel.IsUp: true } up => new(CallEventKind.Up, up.Channel.Id, e.Timestamp),
        StasisStart start => new(CallEventKind.Entered, start.Channel.Id, e.Timestamp),
        ChannelDtmfReceived key => new(CallEventKind.Key, key.Channel.Id, e.Timestamp, key.Digit),
        PlaybackFinished finished => new(CallEventKind.PlaybackFinished, finished.Playback.Id, e.Timestamp, finished.Playback.State),
        ChannelHangupRequest hangup => End(CallEventKind.HangupRequested, hangup.Channel, e.Timestamp, hangup.Cause, hangup.TechCause),
        ChannelDestroyed destroyed => End(CallEventKind.Destroyed, destroyed.Channel, e.Timestamp, destroyed.Cause, destroyed.TechCause),
        _ => null,
    };

    private static CallEvent End(CallEventKind kind, AriChannel channel, DateTimeOffset at, int? cause, int? techCause) => new(
        kind, channel.Id, at, Cause: cause, TechCause: techCause?.ToString(CultureInfo.InvariantCulture), WasUp: channel.IsUp,
        WasRinging: channel.State == ChannelStates.Ringing);
}
