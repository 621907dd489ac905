using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>The channel entered the application: an originated one at its answer, an incoming one at once.</summary>
public sealed record StasisStart : AriChannelEvent
{
    /// <summary>The arguments of the application (<c>appArgs</c> of the originate).</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>The channel that it takes the place of, if any.</summary>
    public AriChannel? ReplaceChannel { get; init; }

    /// <inheritdoc/>
    public override string Type => "StasisStart";
}

/// <summary>The channel left the application: hung up, or sent elsewhere.</summary>
public sealed record StasisEnd : AriChannelEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "StasisEnd";
}

/// <summary>A channel exists.</summary>
public sealed record ChannelCreated : AriChannelEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "ChannelCreated";
}

/// <summary>The state of a channel changed.</summary>
public sealed record ChannelStateChange : AriChannelEvent
{
    /// <inheritdoc/>
    public override string Type => "ChannelStateChange";
}

/// <summary>A channel is gone: the last word about it.</summary>
public sealed record ChannelDestroyed : AriChannelEvent
{
    /// <summary>Q.850 cause; see <see cref="HangupCauses"/>.</summary>
    public int Cause { get; init; }

    /// <summary>The cause in words.</summary>
    public string CauseTxt { get; init; } = "";

    /// <summary>The protocol's own cause (a SIP status); null or 0 where there is none.</summary>
    public int? TechCause { get; init; }

    /// <inheritdoc/>
    public override string Type => "ChannelDestroyed";
}

/// <summary>Somebody asked for the channel to be hung up.</summary>
public sealed record ChannelHangupRequest : AriChannelEvent
{
    /// <summary>Q.850 cause; null where not told.</summary>
    public int? Cause { get; init; }

    /// <summary>The protocol's own cause (a SIP status); null where not told.</summary>
    public int? TechCause { get; init; }

    /// <summary>Whether it was a soft request.</summary>
    public bool? Soft { get; init; }

    /// <inheritdoc/>
    public override string Type => "ChannelHangupRequest";
}

/// <summary>A key was pressed and released.</summary>
public sealed record ChannelDtmfReceived : AriChannelEvent
{
    /// <summary>The key: 0–9, *, #, A–D.</summary>
    public string Digit { get; init; } = "";

    /// <summary>How long it was held, in milliseconds.</summary>
    public int DurationMs { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "ChannelDtmfReceived";
}
