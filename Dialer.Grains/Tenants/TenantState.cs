using Dialer.Grains.Interfaces.Tenants;

namespace Dialer.Grains.Tenants;

/// <summary>What is kept of a tenant.</summary>
[GenerateSerializer, Alias("Dialer.TenantState")]
public sealed record TenantState
{
    [Id(0)] public TenantSettings? Settings { get; init; }
    [Id(1)] public SortedSet<string> Campaigns { get; init; } = new(StringComparer.Ordinal);
    [Id(2)] public SortedSet<string> Trunks { get; init; } = new(StringComparer.Ordinal);
    [Id(3)] public SortedDictionary<string, AudioInfo> Audio { get; init; } = new(StringComparer.Ordinal);
    [Id(5)] public bool HasExample { get; init; }
    [Id(4)] public SortedDictionary<string, Phone> Phones { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Rises with each change of what calls are made with: settings and audio. In the same write, or a campaign might never hear of it.</summary>
    [Id(6)] public long Revision { get; init; }

    /// <summary>SIP users by operator whose phones nodes may know as they were before: whoever stored them may have died before nodes were told.</summary>
    [Id(7)] public SortedDictionary<string, string> Untold { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>An operator's phone as it is kept.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.Phone")]
public sealed record Phone([property: Id(0)] string Name, [property: Id(1)] string Password, [property: Id(2)] string SipUser);
