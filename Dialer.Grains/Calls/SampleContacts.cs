using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Storage.Contacts;

namespace Dialer.Grains.Calls;

/// <summary>Whose variables a phone of the office hears when it dials an extension: those of a contact of a campaign that begins there, or made-up ones.</summary>
public sealed class SampleContacts(ContactStore contacts, IGrainFactory grains)
{
    /// <summary>A value for every variable that is spoken.</summary>
    public async Task<IReadOnlyDictionary<string, string>> VariablesAsync(
        string tenant, string extension, IReadOnlyDictionary<string, SayType> spoken, CancellationToken cancellationToken)
    {
        var variables = spoken.ToDictionary(v => v.Key, v => Example(v.Value), StringComparer.OrdinalIgnoreCase);
        foreach (var id in await grains.GetGrain<ITenantGrain>(tenant).Campaigns())
        {
            var campaign = grains.GetGrain<ICampaignGrain>(Keys.Of(tenant, id));
            if ((await campaign.Get())?.Entry != extension || await contacts.AnyAsync(await campaign.Number(), cancellationToken) is not { } contact)
                continue;
            foreach (var (name, value) in contact.ReadVariables())
                variables[name] = value;
            break;
        }

        return variables;
    }

    private static string Example(SayType type) => type switch
    {
        SayType.Money => "-68.27",
        SayType.Number => "21",
        SayType.Digits => "1234",
        SayType.Date => "2026-03-09",
        SayType.Time => "14:05",
        _ => "…",
    };
}
