using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Trunks;
using Orleans.Concurrency;

namespace Dialer.Grains.Campaigns;

/// <summary>The inner side of a campaign. Same grain and key as <see cref="Dialer.Grains.Interfaces.Campaigns.ICampaignGrain"/>.</summary>
[Alias("Dialer.ICampaignLines")]
public interface ICampaignLines : IGrainWithStringKey
{
    /// <summary>Lines that a trunk grants; those that find no due contact go back at once.</summary>
    [Alias("Granted"), OneWay] Task Granted(LineGrant grant);

    /// <summary>An attempt has ended and is stored.</summary>
    [Alias("AttemptEnded"), OneWay] Task AttemptEnded(Guid attempt, ContactState contact, DateTimeOffset? nextDueAt);

    /// <summary>Activates the grain and has it look around; for watchdogs and whoever changed something that it depends on.</summary>
    [Alias("Wake"), OneWay] Task Wake();

    /// <summary>The dial plan, audio or tenant changed.</summary>
    [Alias("PlanChanged"), OneWay] Task PlanChanged();

    /// <summary>The terms that a contact's outcome is judged by.</summary>
    [Alias("Terms")] Task<Contacts.CallTerms?> Terms();

    /// <summary>What the calls of this campaign follow at this moment; for a call that goes on after its grain was lost.</summary>
    [Alias("Script")] Task<Calls.CallScript?> Script();
}
