using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>An event about one playback.</summary>
public abstract record AriPlaybackEvent : AriEvent
{
    /// <summary>The playback as it was at that moment.</summary>
    public required AriPlayback Playback { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? ChannelId => Playback.ChannelId;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? BridgeId => Playback.BridgeId;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? PlaybackId => Playback.Id;
}

/// <summary>The first of the media plays.</summary>
public sealed record PlaybackStarted : AriPlaybackEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "PlaybackStarted";
}

/// <summary>One of the media ended, the next one plays.</summary>
public sealed record PlaybackContinuing : AriPlaybackEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "PlaybackContinuing";
}

/// <summary>All media ended, or it was stopped, or one of them failed: see the playback's state.</summary>
public sealed record PlaybackFinished : AriPlaybackEvent
{
    /// <inheritdoc/>
    public override string Type => "PlaybackFinished";
}

/// <summary>An event about a bridge, and perhaps a channel.</summary>
public abstract record AriBridgeEvent : AriEvent
{
    /// <summary>The bridge as it was after that.</summary>
    public required AriBridge Bridge { get; init; }

    /// <summary>The channel that came or went; null where it is about the bridge alone.</summary>
    public AriChannel? Channel { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? ChannelId => Channel?.Id;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? BridgeId => Bridge.Id;
}

/// <summary>A channel came into a bridge.</summary>
public sealed record ChannelEnteredBridge : AriBridgeEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "ChannelEnteredBridge";
}

/// <summary>A channel left a bridge.</summary>
public sealed record ChannelLeftBridge : AriBridgeEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "ChannelLeftBridge";
}

/// <summary>A bridge is gone.</summary>
public sealed record BridgeDestroyed : AriBridgeEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "BridgeDestroyed";
}
