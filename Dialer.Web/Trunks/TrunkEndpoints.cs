using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dialer.Web.Trunks;

internal static class TrunkEndpoints
{
    public static void MapTrunks(this RouteGroupBuilder tenant)
    {
        var trunks = tenant.MapGroup("/trunks").WithTags("Trunks");
        trunks.MapGet("/", List).WithSummary("All trunks of the tenant");
        trunks.MapGet("/{id}", Get).WithSummary("One trunk, without its password");
        trunks.MapPut("/{id}", Put).WithSummary("Creates or changes a trunk; without a password it keeps the one it has");
        trunks.MapDelete("/{id}", Delete).WithSummary("Removes a trunk that nothing uses");
        trunks.MapGet("/{id}/status", Status).WithSummary("Its lines and its gateway's health at this moment");
    }

    private static async Task<IReadOnlyList<Whole<TrunkSettings>>> List(string tenant, IGrainFactory grains)
    {
        var ids = await grains.GetGrain<ITenantGrain>(tenant).Trunks();
        var settings = await Task.WhenAll(ids.Select(id => Trunk(grains, tenant, id).Get()));
        return [.. ids.Zip(settings).Where(pair => pair.Second is not null).Select(pair => View(pair.First, pair.Second!))];
    }

    private static async Task<Ok<Whole<TrunkSettings>>> Get(string tenant, string id, IGrainFactory grains) =>
        TypedResults.Ok(View(id, Answers.Found(await Trunk(grains, tenant, id).Get(), "trunk", id)));

    private static async Task<Results<Ok<Whole<TrunkSettings>>, Created<Whole<TrunkSettings>>>> Put(
        string tenant, string id, Body<TrunkSettings> body, HttpContext context, IGrainFactory grains)
    {
        var trunk = Trunk(grains, tenant, id);
        var existed = await trunk.Get() is not null;
        return Answers.Put(context, existed, View(id, await trunk.Put(body.Value)));
    }

    private static async Task<NoContent> Delete(string tenant, string id, IGrainFactory grains)
    {
        // Also of one that is gone: what an earlier deletion has left ends with it.
        await Trunk(grains, tenant, id).Delete();
        return TypedResults.NoContent();
    }

    private static async Task<Ok<TrunkStatus>> Status(string tenant, string id, IGrainFactory grains)
    {
        var trunk = Trunk(grains, tenant, id);
        Answers.Found(await trunk.Get(), "trunk", id);
        return TypedResults.Ok(await trunk.Status());
    }

    // Whatever a grain answers: a password never leaves.
    private static Whole<TrunkSettings> View(string id, TrunkSettings settings) => new(id, settings with { Password = null });

    private static ITrunkGrain Trunk(IGrainFactory grains, string tenant, string id)
    {
        Keys.CheckId(id, "id");
        return grains.GetGrain<ITrunkGrain>(Keys.Of(tenant, id));
    }
}
