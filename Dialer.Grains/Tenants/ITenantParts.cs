using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Nodes;
using Orleans.Concurrency;

namespace Dialer.Grains.Tenants;

/// <summary>What a tenant's dial plan is spoken with.</summary>
/// <param name="Revision">Of <see cref="ITenantParts.Revision"/>.</param>
/// <param name="Culture">The language.</param>
/// <param name="Clips">Clip ids of its audio, by audio id.</param>
[GenerateSerializer, Immutable, Alias("Dialer.TenantSpeech")]
public sealed record TenantSpeech(
    [property: Id(0)] long Revision, [property: Id(1)] string Culture, [property: Id(2)] IReadOnlyDictionary<string, string> Clips);

/// <summary>The inner side of a tenant. Same grain and key as <see cref="ITenantGrain"/>.</summary>
[Alias("Dialer.ITenantParts")]
public interface ITenantParts : IGrainWithStringKey
{
    /// <summary>Its phones with their passwords, for the nodes.</summary>
    [Alias("Phones"), AlwaysInterleave] Task<IReadOnlyList<PhoneSpec>> Phones();

    /// <summary>One of them by its operator; null where there is none.</summary>
    [Alias("Phone"), AlwaysInterleave] Task<PhoneSpec?> Phone(string id);

    /// <summary>What its dial plan is spoken with.</summary>
    [Alias("Speech"), AlwaysInterleave] Task<TenantSpeech> Speech();

    /// <summary>Rises with each change of settings or audio.</summary>
    [Alias("Revision"), AlwaysInterleave] Task<long> Revision();

    /// <summary>The SIP user of an operator; null where there is none.</summary>
    [Alias("SipUser"), AlwaysInterleave] Task<string?> SipUser(string id);

    /// <summary>Ids of its operators.</summary>
    [Alias("OperatorIds"), AlwaysInterleave] Task<IReadOnlyList<string>> OperatorIds();
}
