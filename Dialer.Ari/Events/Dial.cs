namespace Dialer.Ari;

/// <summary>Progress of an outgoing leg.</summary>
public sealed record Dial : AriEvent
{
    /// <summary>One of <see cref="DialStatuses"/>; empty when dialling begins.</summary>
    public string DialStatus { get; init; } = "";

    /// <summary>The channel that dials; null for an originated one.</summary>
    public AriChannel? Caller { get; init; }

    /// <summary>The channel that is dialled.</summary>
    public required AriChannel Peer { get; init; }

    /// <summary>What was dialled, such as <c>79990000001@trunk</c>.</summary>
    public string? DialString { get; init; }

    /// <inheritdoc/>
    public override string Type => "Dial";

    /// <summary>The channel that is dialled.</summary>
    public override string? ChannelId => Peer.Id;
}

/// <summary>The statuses of a <see cref="Dial"/> event.</summary>
public static class DialStatuses
{
    /// <summary>Dialling begins.</summary>
    public const string Begin = "";

    /// <summary>The far end rings.</summary>
    public const string Ringing = "RINGING";

    /// <summary>Early media: a voice of the network may be heard.</summary>
    public const string Progress = "PROGRESS";

    /// <summary>Answered.</summary>
    public const string Answer = "ANSWER";

    /// <summary>Busy.</summary>
    public const string Busy = "BUSY";

    /// <summary>Congestion.</summary>
    public const string Congestion = "CONGESTION";

    /// <summary>Ended without an answer, for whatever cause.</summary>
    public const string NoAnswer = "NOANSWER";

    /// <summary>The far end is not available.</summary>
    public const string ChanUnavail = "CHANUNAVAIL";

    /// <summary>Given up by us.</summary>
    public const string Cancel = "CANCEL";
}
