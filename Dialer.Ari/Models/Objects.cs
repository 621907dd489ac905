using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>A bridge: a room in which channels hear one another.</summary>
public sealed record AriBridge
{
    /// <summary>Unique id; the one that the creator asked for, where it did.</summary>
    public required string Id { get; init; }

    /// <summary>The name the creator gave it.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>mixing</c> or <c>holding</c>.</summary>
    public string? BridgeType { get; init; }

    /// <summary>How Asterisk mixes at the moment, such as <c>simple_bridge</c>.</summary>
    public string? Technology { get; init; }

    /// <summary>Ids of the channels in it.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>When it was created, by Asterisk's clock.</summary>
    [JsonPropertyName("creationtime")]
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A playback: a list of media played one after another.</summary>
public sealed record AriPlayback
{
    /// <summary>Unique id; the one that the request asked for, where it did.</summary>
    public required string Id { get; init; }

    /// <summary>What is being played, such as <c>sound:hello</c>.</summary>
    public string MediaUri { get; init; } = "";

    /// <summary>What comes next, if anything.</summary>
    public string? NextMediaUri { get; init; }

    /// <summary><c>channel:ID</c> or <c>bridge:ID</c>.</summary>
    public string TargetUri { get; init; } = "";

    /// <summary>Language of the prompts.</summary>
    public string? Language { get; init; }

    /// <summary>One of <see cref="PlaybackStates"/>.</summary>
    public string State { get; init; } = "";

    /// <summary>Id of the channel it plays to; null where it plays to a bridge.</summary>
    [JsonIgnore]
    public string? ChannelId => After("channel:");

    /// <summary>Id of the bridge it plays to; null where it plays to a channel.</summary>
    [JsonIgnore]
    public string? BridgeId => After("bridge:");

    private string? After(string prefix) =>
        TargetUri.StartsWith(prefix, StringComparison.Ordinal) ? TargetUri[prefix.Length..] : null;
}

/// <summary>The states of a playback.</summary>
public static class PlaybackStates
{
    /// <summary>Waits for its turn.</summary>
    public const string Queued = "queued";

    /// <summary>Plays.</summary>
    public const string Playing = "playing";

    /// <summary>Goes on with the next of its media.</summary>
    public const string Continuing = "continuing";

    /// <summary>Ended, or was stopped.</summary>
    public const string Done = "done";

    /// <summary>A medium could not be played: no such file, or no answer from its server.</summary>
    public const string Failed = "failed";
}

/// <summary>A SIP peer: a trunk or a phone.</summary>
/// <param name="Technology">Such as <c>PJSIP</c>.</param>
/// <param name="Resource">Its id.</param>
/// <param name="State"><c>online</c>, <c>offline</c>, <c>unknown</c>, or null where Asterisk does not watch it.</param>
/// <param name="ChannelIds">Ids of its channels.</param>
public sealed record AriEndpoint(string Technology, string Resource, string? State, IReadOnlyList<string>? ChannelIds);

/// <summary>A Stasis application that has a socket (or still has calls).</summary>
/// <param name="Name">Its name.</param>
/// <param name="ChannelIds">Ids of the channels in it.</param>
/// <param name="BridgeIds">Ids of the bridges it watches.</param>
/// <param name="EndpointIds">Ids of the endpoints it watches.</param>
public sealed record AriApplication(
    string Name,
    IReadOnlyList<string>? ChannelIds,
    IReadOnlyList<string>? BridgeIds,
    IReadOnlyList<string>? EndpointIds);

/// <summary>What a server says of itself.</summary>
/// <param name="System">Version and identity.</param>
/// <param name="Status">Since when it runs.</param>
public sealed record AsteriskInfo(AsteriskSystem? System, AsteriskStatus? Status);

/// <summary>Version and identity of a server.</summary>
/// <param name="Version">Such as <c>22.10.1</c>.</param>
/// <param name="EntityId">Its MAC-like id.</param>
public sealed record AsteriskSystem(string Version, string EntityId);

/// <summary>Since when a server runs.</summary>
/// <param name="StartupTime">When it started, by its clock. A later one than before means a restart, with all calls lost.</param>
/// <param name="LastReloadTime">When its configuration was last read.</param>
public sealed record AsteriskStatus(DateTimeOffset StartupTime, DateTimeOffset LastReloadTime);

/// <summary>An answer to a ping.</summary>
/// <param name="AsteriskId">Entity id of the server.</param>
/// <param name="Timestamp">Its clock.</param>
public sealed record AsteriskPong(string AsteriskId, DateTimeOffset Timestamp);

/// <summary>A value of a channel variable.</summary>
/// <param name="Value">The value.</param>
public sealed record AriVariable(string Value);

/// <summary>One setting of an object that is configured while Asterisk runs.</summary>
/// <param name="Attribute">Name, as in <c>pjsip.conf</c>.</param>
/// <param name="Value">Value, as in <c>pjsip.conf</c>.</param>
public sealed record ConfigField(string Attribute, string Value);
