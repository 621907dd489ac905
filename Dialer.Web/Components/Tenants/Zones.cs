using Dialer.Grains.Interfaces.Tenants;

namespace Dialer.Web.Components.Tenants;

/// <summary>The zone that a tenant's times are shown in.</summary>
public static class Zones
{
    /// <summary>The tenant's own; UTC where this machine does not know it.</summary>
    public static TimeZoneInfo Zone(this TenantSettings tenant) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(tenant.TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
}
