using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dialer.Web.Tenants;

internal static class TenantEndpoints
{
    public static void MapTenants(this RouteGroupBuilder api)
    {
        var tenants = api.MapGroup("/tenants").WithTags("Tenants");
        tenants.MapGet("/", List).WithSummary("All tenants");
        tenants.MapGet("/{tenant}", Get).WithSummary("One tenant");
        tenants.MapPut("/{tenant}", Put).WithSummary("Creates or changes a tenant; a new one gets the example dial plan");
        tenants.MapDelete("/{tenant}", Delete).WithSummary("Removes a tenant that has no campaigns or trunks");
    }

    private static async Task<IReadOnlyList<Whole<TenantSettings>>> List(IGrainFactory grains)
    {
        var ids = await grains.GetGrain<ITenantDirectoryGrain>("all").List();
        var settings = await Task.WhenAll(ids.Select(id => grains.GetGrain<ITenantGrain>(id).Get()));
        return [.. ids.Zip(settings).Where(pair => pair.Second is not null).Select(pair => new Whole<TenantSettings>(pair.First, pair.Second!))];
    }

    private static async Task<Ok<Whole<TenantSettings>>> Get(string tenant, IGrainFactory grains)
    {
        Keys.CheckId(tenant, "id");
        var settings = await grains.GetGrain<ITenantGrain>(tenant).Get();
        return TypedResults.Ok(new Whole<TenantSettings>(tenant, Answers.Found(settings, "tenant", tenant)));
    }

    private static async Task<Results<Ok<Whole<TenantSettings>>, Created<Whole<TenantSettings>>>> Put(
        string tenant, Body<TenantSettings> body, HttpContext context, IGrainFactory grains)
    {
        Keys.CheckId(tenant, "id");
        var grain = grains.GetGrain<ITenantGrain>(tenant);
        var existed = await grain.Get() is not null;
        return Answers.Put(context, existed, new Whole<TenantSettings>(tenant, await grain.Put(body.Value)));
    }

    private static async Task<NoContent> Delete(string tenant, IGrainFactory grains)
    {
        Keys.CheckId(tenant, "id");
        // Also of one that is gone: what an earlier deletion has left ends with it.
        await grains.GetGrain<ITenantGrain>(tenant).Delete();
        return TypedResults.NoContent();
    }
}
