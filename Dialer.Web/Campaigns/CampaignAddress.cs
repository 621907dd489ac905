using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Web.Rest;

namespace Dialer.Web.Campaigns;

/// <summary>Finds the campaign that an address names.</summary>
internal static class CampaignAddress
{
    public static ICampaignGrain Grain(IGrainFactory grains, string tenant, string campaign)
    {
        Keys.CheckId(campaign, "id");
        return grains.GetGrain<ICampaignGrain>(Keys.Of(tenant, campaign));
    }

    /// <exception cref="RefusedException">There is none.</exception>
    public static async Task<ICampaignGrain> Existing(IGrainFactory grains, string tenant, string campaign)
    {
        var grain = Grain(grains, tenant, campaign);
        Answers.Found(await grain.Get(), "campaign", campaign);
        return grain;
    }

    /// <summary>Its number in the tables.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public static async Task<int> Number(IGrainFactory grains, string tenant, string campaign) =>
        await (await Existing(grains, tenant, campaign)).Number();
}
