namespace Dialer.Grains.Interfaces.Trunks;

/// <summary>A SIP gateway with a number of lines.</summary>
/// <param name="Host">Name or address of the gateway.</param>
/// <param name="Port">Its SIP port (UDP).</param>
/// <param name="Lines">How many calls it carries at once, 1 to 10,000.</param>
/// <param name="CallsPerSecond">How many calls may start per second.</param>
/// <param name="Username">Login at the gateway, or null.</param>
/// <param name="Password">Password at the gateway; null on a change keeps the one it has. Never given back.</param>
/// <param name="Register">Whether to register with the gateway.</param>
/// <param name="CallerId">The number that is shown to the called party; null leaves it to the gateway.</param>
/// <param name="Codecs">In order of preference; <c>alaw</c> and <c>ulaw</c> are played without conversion.</param>
[GenerateSerializer, Immutable, Alias("Dialer.TrunkSettings")]
public sealed record TrunkSettings(
    [property: Id(0)] string Host,
    [property: Id(1)] int Port = 5060,
    [property: Id(2)] int Lines = 1,
    [property: Id(3)] double CallsPerSecond = 10,
    [property: Id(4)] string? Username = null,
    [property: Id(5)] string? Password = null,
    [property: Id(6)] bool Register = false,
    [property: Id(7)] string? CallerId = null,
    [property: Id(8)] IReadOnlyList<string>? Codecs = null);

/// <summary>A trunk's health as its node reports it.</summary>
[GenerateSerializer, Alias("Dialer.TrunkHealth")]
public enum TrunkHealth
{
    /// <summary>Nothing is known yet.</summary>
    Unknown,
    /// <summary>The gateway answers (or calls go through).</summary>
    Up,
    /// <summary>The gateway does not answer or refuses calls; it is tried again with growing pauses.</summary>
    Down,
}

/// <summary>The lines of a trunk at this moment.</summary>
/// <param name="Lines">How many it has.</param>
/// <param name="InUse">How many carry or are about to carry a call, operators' mobiles among them.</param>
/// <param name="OperatorLines">Those of them that ring or carry an operator's mobile.</param>
/// <param name="ByCampaign">Lines in use by campaign id.</param>
/// <param name="Health">Whether the gateway answers.</param>
/// <param name="LastProblem">The last reason it did not, in words; null when all is well.</param>
/// <param name="PausedUntil">No call starts before this moment while the gateway is down.</param>
[GenerateSerializer, Immutable, Alias("Dialer.TrunkStatus")]
public sealed record TrunkStatus(
    [property: Id(0)] int Lines,
    [property: Id(1)] int InUse,
    [property: Id(2)] int OperatorLines,
    [property: Id(3)] IReadOnlyDictionary<string, int> ByCampaign,
    [property: Id(4)] TrunkHealth Health,
    [property: Id(5)] string? LastProblem,
    [property: Id(6)] DateTimeOffset? PausedUntil);

/// <summary>A trunk as a client sees it: settings and lines. Key: <c>tenant/trunk</c>.</summary>
[Alias("Dialer.ITrunkGrain")]
public interface ITrunkGrain : IGrainWithStringKey
{
    /// <summary>The settings without the password, or null where there is no such trunk.</summary>
    [Alias("Get")] Task<TrunkSettings?> Get();

    /// <summary>Creates or changes the trunk and tells the nodes. Fewer lines end no running call.</summary>
    [Alias("Put")] Task<TrunkSettings> Put(TrunkSettings settings);

    /// <exception cref="RefusedException">A campaign or a queue uses it, or it does not exist.</exception>
    [Alias("Delete")] Task Delete();

    /// <summary>Its lines now.</summary>
    [Alias("Status")] Task<TrunkStatus> Status();
}
