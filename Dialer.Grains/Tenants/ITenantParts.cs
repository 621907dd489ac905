using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Nodes;
using Orleans.Concurrency;

namespace Dialer.Grains.Tenants;

/// <summary>The inner side of a tenant. Same grain and key as <see cref="ITenantGrain"/>.</summary>
[Alias("Dialer.ITenantParts")]
public interface ITenantParts : IGrainWithStringKey
{
    /// <summary>Its phones with their passwords, for the nodes.</summary>
    [Alias("Phones"), AlwaysInterleave] Task<IReadOnlyList<PhoneSpec>> Phones();

    /// <summary>One of them by its operator; null where there is none.</summary>
    [Alias("Phone"), AlwaysInterleave] Task<PhoneSpec?> Phone(string id);

    /// <summary>Clip ids of its audio, by audio id.</summary>
    [Alias("Clips"), AlwaysInterleave] Task<IReadOnlyDictionary<string, string>> Clips();

    /// <summary>The SIP user of an operator; null where there is none.</summary>
    [Alias("SipUser"), AlwaysInterleave] Task<string?> SipUser(string id);

    /// <summary>Ids of its operators.</summary>
    [Alias("OperatorIds"), AlwaysInterleave] Task<IReadOnlyList<string>> OperatorIds();
}
