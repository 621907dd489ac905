using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>A channel: one leg of a call, as Asterisk saw it when it said so.</summary>
public sealed record AriChannel
{
    /// <summary>Unique id; the one that the originate asked for, where it did.</summary>
    public required string Id { get; init; }

    /// <summary>Name such as <c>PJSIP/trunk-00000001</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>One of <see cref="ChannelStates"/>.</summary>
    public string State { get; init; } = "";

    /// <summary>Who calls.</summary>
    public CallerId? Caller { get; init; }

    /// <summary>Whom it is connected with.</summary>
    public CallerId? Connected { get; init; }

    /// <summary>Where in the dialplan it is.</summary>
    public DialplanPosition? Dialplan { get; init; }

    /// <summary>When it was created, by Asterisk's clock.</summary>
    [JsonPropertyName("creationtime")]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Language of its prompts.</summary>
    public string? Language { get; init; }

    /// <summary>Account code, often empty.</summary>
    [JsonPropertyName("accountcode")]
    public string? AccountCode { get; init; }

    /// <summary>The protocol's own id (the Call-ID of SIP), where it has one.</summary>
    public string? ProtocolId { get; init; }

    /// <summary>The variables that <c>ari.conf</c> lists in <c>channelvars</c>.</summary>
    [JsonPropertyName("channelvars")]
    public IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>Whether somebody has answered.</summary>
    [JsonIgnore]
    public bool IsUp => State == ChannelStates.Up;

    /// <summary>Whether an application has it: nobody else can play to it or connect it.</summary>
    /// <param name="application">Its name.</param>
    public bool IsIn(string application) => Dialplan is { AppName: "Stasis", AppData: { } data }
        && data.StartsWith(application, StringComparison.Ordinal) && (data.Length == application.Length || data[application.Length] == ',');
}

/// <summary>A party of a call.</summary>
/// <param name="Number">The number, or empty.</param>
/// <param name="Name">The name, or empty.</param>
public sealed record CallerId(string Number, string Name);

/// <summary>A place in the dialplan.</summary>
/// <param name="Context">The context.</param>
/// <param name="Exten">The extension.</param>
/// <param name="Priority">The priority, from 1.</param>
/// <param name="AppName">The application that runs there.</param>
/// <param name="AppData">Its arguments.</param>
public sealed record DialplanPosition(string Context, string Exten, long Priority, string? AppName, string? AppData);

/// <summary>The states of a channel.</summary>
public static class ChannelStates
{
    /// <summary>Created, nothing heard from the far end.</summary>
    public const string Down = "Down";

    /// <summary>Reserved.</summary>
    public const string Reserved = "Rsrved";

    /// <summary>Our side dials.</summary>
    public const string Dialing = "Dialing";

    /// <summary>An incoming call that has not been answered.</summary>
    public const string Ring = "Ring";

    /// <summary>The far end rings.</summary>
    public const string Ringing = "Ringing";

    /// <summary>Answered.</summary>
    public const string Up = "Up";

    /// <summary>The line is busy.</summary>
    public const string Busy = "Busy";
}

/// <summary>Causes of a hang-up (ITU-T Q.850) that Asterisk reports, by the names people use.</summary>
public static class HangupCauses
{
    /// <summary>No cause was given.</summary>
    public const int NotDefined = 0;

    /// <summary>The number does not exist (SIP 404).</summary>
    public const int UnallocatedNumber = 1;

    /// <summary>Somebody hung up; also the reason to hang up with.</summary>
    public const int NormalClearing = 16;

    /// <summary>Busy (SIP 486).</summary>
    public const int UserBusy = 17;

    /// <summary>No reaction at all (SIP 408): the gateway does not answer.</summary>
    public const int NoUserResponding = 18;

    /// <summary>It rang and nobody answered (SIP 480).</summary>
    public const int NoAnswer = 19;

    /// <summary>Rejected (SIP 403, 603).</summary>
    public const int CallRejected = 21;

    /// <summary>The number changed (SIP 410).</summary>
    public const int NumberChanged = 22;

    /// <summary>The number is not complete or not valid (SIP 484).</summary>
    public const int InvalidNumberFormat = 28;

    /// <summary>All lines are busy (SIP 503).</summary>
    public const int Congestion = 34;

    /// <summary>The network is out of order (SIP 500).</summary>
    public const int NetworkOutOfOrder = 38;

    /// <summary>Something failed for a while.</summary>
    public const int TemporaryFailure = 41;
}
