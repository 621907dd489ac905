using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dialer.Web.Operators;

internal static class OperatorEndpoints
{
    public static void MapOperators(this RouteGroupBuilder tenant)
    {
        var operators = tenant.MapGroup("/operators").WithTags("Operators");
        operators.MapGet("/", List).WithSummary("All operators' phones of the tenant");
        operators.MapGet("/{id}", Get).WithSummary("One operator's phone, without its password");
        operators.MapPut("/{id}", Put).WithSummary("Creates or changes a phone; without a password it keeps the one it has");
        operators.MapDelete("/{id}", Delete).WithSummary("Removes a phone that no queue rings");
    }

    private static Task<IReadOnlyList<OperatorInfo>> List(string tenant, IGrainFactory grains) =>
        grains.GetGrain<ITenantGrain>(tenant).Operators();

    private static async Task<Ok<OperatorInfo>> Get(string tenant, string id, IGrainFactory grains) =>
        TypedResults.Ok(Answers.Found(await Find(tenant, id, grains), "operator", id));

    private static async Task<Results<Ok<OperatorInfo>, Created<OperatorInfo>>> Put(
        string tenant, string id, Body<OperatorSettings> body, HttpContext context, IGrainFactory grains)
    {
        var existed = await Find(tenant, id, grains) is not null;
        return Answers.Put(context, existed, await grains.GetGrain<ITenantGrain>(tenant).PutOperator(id, body.Value));
    }

    private static async Task<NoContent> Delete(string tenant, string id, IGrainFactory grains)
    {
        Answers.Found(await Find(tenant, id, grains), "operator", id);
        await grains.GetGrain<ITenantGrain>(tenant).DeleteOperator(id);
        return TypedResults.NoContent();
    }

    private static async Task<OperatorInfo?> Find(string tenant, string id, IGrainFactory grains)
    {
        Keys.CheckId(id, "id");
        return (await grains.GetGrain<ITenantGrain>(tenant).Operators()).FirstOrDefault(info => info.Id == id);
    }
}
