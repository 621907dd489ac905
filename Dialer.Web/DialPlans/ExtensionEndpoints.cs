using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dialer.Web.DialPlans;

internal static class ExtensionEndpoints
{
    public static void MapExtensions(this RouteGroupBuilder tenant)
    {
        var extensions = tenant.MapGroup("/extensions").WithTags("Extensions");
        extensions.MapGet("/", List).WithSummary("The dial plan: all extensions");
        extensions.MapPut("/", PutAll).WithSummary("Replaces the whole dial plan: an object of extensions by number");
        extensions.MapGet("/{number}", Get).WithSummary("One extension");
        extensions.MapPut("/{number}", Put).WithSummary("Creates or replaces an extension, if the plan as a whole stays sound");
        extensions.MapDelete("/{number}", Delete).WithSummary("Removes an extension that nothing leads to");
        tenant.MapGet("/dial-plan/problems", Problems).WithTags("Extensions").WithSummary("What is wrong with the dial plan now");
    }

    private static async Task<IReadOnlyList<Whole<Extension>>> List(string tenant, IGrainFactory grains) =>
        InOrder(await Plan(grains, tenant).List());

    private static async Task<Ok<Whole<Extension>>> Get(string tenant, string number, IGrainFactory grains)
    {
        Keys.CheckExtension(number, "number");
        return TypedResults.Ok(new Whole<Extension>(number, Answers.Found(await Find(tenant, number, grains), "extension", number)));
    }

    private static async Task<Results<Ok<Whole<Extension>>, Created<Whole<Extension>>>> Put(
        string tenant, string number, Body<Extension> body, HttpContext context, IGrainFactory grains)
    {
        Keys.CheckExtension(number, "number");
        var existed = await Find(tenant, number, grains) is not null;
        return Answers.Put(context, existed, new Whole<Extension>(number, await Plan(grains, tenant).Put(number, body.Value)));
    }

    private static async Task<IReadOnlyList<Whole<Extension>>> PutAll(
        string tenant, Body<Dictionary<string, Extension>> body, IGrainFactory grains)
    {
        foreach (var (number, extension) in body.Value)
        {
            Keys.CheckExtension(number, number);
            if (extension is null)
                throw RefusedException.Invalid(number, "An extension is expected here, not null.");
        }

        await Plan(grains, tenant).PutAll(body.Value);
        return InOrder(await Plan(grains, tenant).List());
    }

    private static async Task<NoContent> Delete(string tenant, string number, IGrainFactory grains)
    {
        Keys.CheckExtension(number, "number");
        Answers.Found(await Find(tenant, number, grains), "extension", number);
        await Plan(grains, tenant).Delete(number);
        return TypedResults.NoContent();
    }

    private static Task<IReadOnlyList<DialPlanProblem>> Problems(string tenant, IGrainFactory grains) => Plan(grains, tenant).Problems();

    private static IReadOnlyList<Whole<Extension>> InOrder(IReadOnlyDictionary<string, Extension> plan) =>
        [.. plan.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Whole<Extension>(pair.Key, pair.Value))];

    private static async Task<Extension?> Find(string tenant, string number, IGrainFactory grains) =>
        (await Plan(grains, tenant).List()).GetValueOrDefault(number);

    private static IDialPlanGrain Plan(IGrainFactory grains, string tenant) => grains.GetGrain<IDialPlanGrain>(tenant);
}
