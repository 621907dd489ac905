using Orleans.Concurrency;

namespace Dialer.Grains.Interfaces.Tenants;

/// <summary>A customer of the installation; everything of a tenant is visible to that tenant alone.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Culture">Language and region (<c>ru-RU</c>): how amounts are said and how local numbers are read.</param>
/// <param name="TimeZone">IANA name; calling hours are in this zone unless a contact has its own.</param>
[GenerateSerializer, Immutable, Alias("Dialer.TenantSettings")]
public sealed record TenantSettings(
    [property: Id(0)] string Name,
    [property: Id(1)] string Culture = "ru-RU",
    [property: Id(2)] string TimeZone = "Europe/Moscow");

/// <summary>A piece of audio of a tenant, as it is shown; the sound itself is kept in the database by its content.</summary>
/// <param name="Id">The tenant's name for it (<c>greeting</c>).</param>
/// <param name="ClipId">Which stored clip it is.</param>
/// <param name="Duration">How long it plays.</param>
/// <param name="Text">The text it was spoken from; null for an upload.</param>
/// <param name="Voice">The voice it was spoken with; null for the language's default.</param>
[GenerateSerializer, Immutable, Alias("Dialer.AudioInfo")]
public sealed record AudioInfo(
    [property: Id(0)] string Id,
    [property: Id(1)] string ClipId,
    [property: Id(2)] TimeSpan Duration,
    [property: Id(3)] string? Text,
    [property: Id(4)] string? Voice);

/// <summary>A tenant: its settings, and which campaigns, trunks, operators and audio it has. Key: the tenant's id.</summary>
[Alias("Dialer.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>The settings, or null where there is no such tenant.</summary>
    [Alias("Get"), AlwaysInterleave] Task<TenantSettings?> Get();

    /// <summary>Creates or changes the tenant. A new one gets the example dial plan (999 …) with its audio; its queue rings the operator <c>office</c>, who is to be added.</summary>
    /// <exception cref="RefusedException">Culture or time zone is unknown.</exception>
    [Alias("Put")] Task<TenantSettings> Put(TenantSettings settings);

    /// <summary>Removes the tenant with its dial plan, audio and operators.</summary>
    /// <exception cref="RefusedException">It still has campaigns or trunks.</exception>
    [Alias("Delete")] Task Delete();

    /// <summary>Ids of its campaigns, in order.</summary>
    [Alias("Campaigns"), AlwaysInterleave] Task<IReadOnlyList<string>> Campaigns();

    /// <summary>Ids of its trunks, in order.</summary>
    [Alias("Trunks"), AlwaysInterleave] Task<IReadOnlyList<string>> Trunks();

    /// <summary>Its audio, by id.</summary>
    [Alias("Audio"), AlwaysInterleave] Task<IReadOnlyList<AudioInfo>> Audio();

    /// <summary>Stores an upload (WAV, MP3 or OGG), converted once to what the nodes play.</summary>
    /// <exception cref="RefusedException">It is not audio, or too long.</exception>
    [Alias("PutAudioFile")] Task<AudioInfo> PutAudioFile(string id, string contentType, byte[] content);

    /// <summary>Has a text spoken and stores it.</summary>
    /// <exception cref="RefusedException">The speech engine is missing or refuses the text.</exception>
    [Alias("PutAudioText")] Task<AudioInfo> PutAudioText(string id, string text, string? voice);

    /// <summary>The WAV (8 kHz, 16 bit, mono), or null where there is none of that id.</summary>
    [Alias("GetAudio"), AlwaysInterleave] Task<byte[]?> GetAudio(string id);

    /// <exception cref="RefusedException">An extension plays it, or it does not exist.</exception>
    [Alias("DeleteAudio")] Task DeleteAudio(string id);

    /// <summary>Its operators' SIP phones, by id, without passwords.</summary>
    [Alias("Operators"), AlwaysInterleave] Task<IReadOnlyList<Operators.OperatorInfo>> Operators();

    /// <summary>Creates or changes an operator's phone; its node is told at once. A null password keeps the old one.</summary>
    [Alias("PutOperator")] Task<Operators.OperatorInfo> PutOperator(string id, Operators.OperatorSettings settings);

    /// <exception cref="RefusedException">A queue rings it, or it does not exist.</exception>
    [Alias("DeleteOperator")] Task DeleteOperator(string id);

    /// <summary>Called by a campaign, trunk when it is created or removed, so that the tenant lists it.</summary>
    [Alias("Register")] Task Register(TenantPart part, string id, bool exists);
}

/// <summary>What a tenant keeps lists of.</summary>
[GenerateSerializer, Alias("Dialer.TenantPart")]
public enum TenantPart
{
    /// <summary>A campaign.</summary>
    Campaign,
    /// <summary>A trunk.</summary>
    Trunk,
}

/// <summary>The tenants of the installation. One grain, key <c>all</c>.</summary>
[Alias("Dialer.ITenantDirectoryGrain")]
public interface ITenantDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Ids of all tenants, in order.</summary>
    [Alias("List")] Task<IReadOnlyList<string>> List();
}
