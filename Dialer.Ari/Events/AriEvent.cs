using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>Something that happened in Asterisk, as the application's socket reported it.</summary>
public abstract record AriEvent
{
    /// <summary>Its name in ARI, such as <c>StasisStart</c>.</summary>
    [JsonIgnore]
    public abstract string Type { get; }

    /// <summary>The application it was sent to.</summary>
    public string Application { get; init; } = "";

    /// <summary>When it happened, by Asterisk's clock (milliseconds).</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Entity id of the server; null where it did not tell.</summary>
    public string? AsteriskId { get; init; }

    /// <summary>Id of the channel it is about, for routing; null where it is about none.</summary>
    [JsonIgnore]
    public virtual string? ChannelId => null;

    /// <summary>Id of the bridge it is about; null where it is about none.</summary>
    [JsonIgnore]
    public virtual string? BridgeId => null;

    /// <summary>Id of the playback it is about; null where it is about none.</summary>
    [JsonIgnore]
    public virtual string? PlaybackId => null;
}

/// <summary>An event about one channel.</summary>
public abstract record AriChannelEvent : AriEvent
{
    /// <summary>The channel as it was at that moment.</summary>
    public required AriChannel Channel { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? ChannelId => Channel.Id;
}

/// <summary>An event that this library has no class for. See <see cref="AriOptions.DeliverUnknownEvents"/>.</summary>
/// <param name="Name">Its type.</param>
/// <param name="Json">The whole event in UTF-8, a copy of its own.</param>
public sealed record UnknownEvent(string Name, ReadOnlyMemory<byte> Json) : AriEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => Name;
}

/// <summary>Another socket took the application over; this one gets no more events.</summary>
public sealed record ApplicationReplaced : AriEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "ApplicationReplaced";
}
