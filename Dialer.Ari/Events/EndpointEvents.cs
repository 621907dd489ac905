using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>An event about a trunk or a phone.</summary>
public abstract record AriEndpointEvent : AriEvent
{
    /// <summary>The endpoint as it was at that moment.</summary>
    public required AriEndpoint Endpoint { get; init; }
}

/// <summary>An endpoint came online or went offline.</summary>
public sealed record EndpointStateChange : AriEndpointEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "EndpointStateChange";
}

/// <summary>A contact of an endpoint was found, lost, or removed.</summary>
public sealed record ContactStatusChange : AriEndpointEvent
{
    /// <summary>The contact.</summary>
    public required ContactInfo ContactInfo { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "ContactStatusChange";
}

/// <summary>A peer registered, or its reachability changed.</summary>
public sealed record PeerStatusChange : AriEndpointEvent
{
    /// <summary>The peer.</summary>
    public required PeerInfo Peer { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "PeerStatusChange";
}

/// <summary>A contact: an address at which an endpoint can be reached.</summary>
/// <param name="Uri">Its SIP address.</param>
/// <param name="ContactStatus"><c>Reachable</c>, <c>Unreachable</c>, <c>NonQualified</c>, <c>Removed</c> or <c>Updated</c>.</param>
/// <param name="Aor">The address of record it belongs to.</param>
/// <param name="RoundtripUsec">Round trip in microseconds, where measured.</param>
public sealed record ContactInfo(string Uri, string ContactStatus, string? Aor, string? RoundtripUsec);

/// <summary>What became of a peer.</summary>
/// <param name="PeerStatus"><c>Reachable</c>, <c>Unreachable</c>, <c>Registered</c>, …</param>
/// <param name="Cause">Why, where told.</param>
/// <param name="Address">Its address, where told.</param>
public sealed record PeerInfo(string PeerStatus, string? Cause, string? Address);
