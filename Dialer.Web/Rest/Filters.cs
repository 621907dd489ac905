using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Web.Hosting;

namespace Dialer.Web.Rest;

/// <summary>Answers at once while no silo can be reached.</summary>
internal sealed class ClusterFilter(ClusterConnection connection) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        connection.Require();
        return next(context);
    }
}

/// <summary>Nothing exists below a tenant that does not exist.</summary>
internal sealed class TenantFilter(IGrainFactory grains) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var tenant = (string)context.HttpContext.GetRouteValue("tenant")!;
        Keys.CheckId(tenant, "tenant");
        if (await grains.GetGrain<ITenantGrain>(tenant).Get() is null)
            throw RefusedException.NotFound($"There is no tenant '{tenant}'.");
        return await next(context);
    }
}
