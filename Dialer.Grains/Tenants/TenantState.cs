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
}

/// <summary>An operator's phone as it is kept.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.Phone")]
public sealed record Phone([property: Id(0)] string Name, [property: Id(1)] string Password, [property: Id(2)] string SipUser);
