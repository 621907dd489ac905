using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dialer.Web.Campaigns;

internal static class CampaignEndpoints
{
    public static void MapCampaigns(this RouteGroupBuilder tenant)
    {
        var campaigns = tenant.MapGroup("/campaigns").WithTags("Campaigns");
        campaigns.MapGet("/", List).WithSummary("All campaigns of the tenant");
        campaigns.MapGet("/{campaign}", Get).WithSummary("One campaign");
        campaigns.MapPut("/{campaign}", Put).WithSummary("Creates or replaces a campaign");
        campaigns.MapDelete("/{campaign}", Delete).WithSummary("Removes a paused campaign with its contacts and attempts");
        campaigns.MapPost("/{campaign}/start", Start).WithSummary("Sets 'enabled': calls start as soon as the schedule allows");
        campaigns.MapPost("/{campaign}/pause", Pause).WithSummary("Clears 'enabled': no further call starts, running ones end by themselves");
        campaigns.MapGet("/{campaign}/stats", Stats).WithSummary("Counts of contacts, attempts, talk time, operators and lines");
        campaigns.MapGet("/{campaign}/status", Status).WithSummary("What it does now, and why nothing is being dialled");
    }

    private static async Task<IReadOnlyList<Whole<CampaignSettings>>> List(string tenant, IGrainFactory grains)
    {
        var ids = await grains.GetGrain<ITenantGrain>(tenant).Campaigns();
        var settings = await Task.WhenAll(ids.Select(id => CampaignAddress.Grain(grains, tenant, id).Get()));
        return [.. ids.Zip(settings).Where(pair => pair.Second is not null).Select(pair => new Whole<CampaignSettings>(pair.First, pair.Second!))];
    }

    private static async Task<Ok<Whole<CampaignSettings>>> Get(string tenant, string campaign, IGrainFactory grains)
    {
        var settings = await CampaignAddress.Grain(grains, tenant, campaign).Get();
        return TypedResults.Ok(new Whole<CampaignSettings>(campaign, Answers.Found(settings, "campaign", campaign)));
    }

    private static async Task<Results<Ok<Whole<CampaignSettings>>, Created<Whole<CampaignSettings>>>> Put(
        string tenant, string campaign, Body<CampaignSettings> body, HttpContext context, IGrainFactory grains)
    {
        var grain = CampaignAddress.Grain(grains, tenant, campaign);
        var existed = await grain.Get() is not null;
        return Answers.Put(context, existed, new Whole<CampaignSettings>(campaign, await grain.Put(body.Value)));
    }

    private static async Task<NoContent> Delete(string tenant, string campaign, IGrainFactory grains)
    {
        // Also of one that is gone: what an earlier deletion has left ends with it.
        await CampaignAddress.Grain(grains, tenant, campaign).Delete();
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Whole<CampaignSettings>>> Start(string tenant, string campaign, IGrainFactory grains)
    {
        await (await CampaignAddress.Existing(grains, tenant, campaign)).Start();
        return await Get(tenant, campaign, grains);
    }

    private static async Task<Ok<Whole<CampaignSettings>>> Pause(string tenant, string campaign, IGrainFactory grains)
    {
        await (await CampaignAddress.Existing(grains, tenant, campaign)).Pause();
        return await Get(tenant, campaign, grains);
    }

    private static async Task<Ok<CampaignStats>> Stats(string tenant, string campaign, IGrainFactory grains) =>
        TypedResults.Ok(await (await CampaignAddress.Existing(grains, tenant, campaign)).Stats());

    private static async Task<Ok<CampaignStatus>> Status(string tenant, string campaign, IGrainFactory grains) =>
        TypedResults.Ok(await (await CampaignAddress.Existing(grains, tenant, campaign)).Status());
}
