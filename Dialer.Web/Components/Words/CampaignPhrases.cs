using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Web.Components.Words;

/// <summary>What a campaign is doing, in one sentence, and why it is not dialling.</summary>
public static class CampaignPhrases
{
    /// <summary>How many contacts need nothing more: reached, or given up.</summary>
    public static long Settled(this ContactCounts contacts) => contacts.Done + contacts.Failed;

    /// <summary>How many contacts the list has, without those that were withdrawn.</summary>
    public static long Listed(this ContactCounts contacts) => contacts.Total - contacts.Withdrawn;

    /// <summary>Whether an administrator has stopped it.</summary>
    public static bool IsPaused(this CampaignStatus status) =>
        status.State == CampaignActivity.Paused || status.Reasons.Any(reason => reason.Code == "paused");

    /// <summary>The status sentence.</summary>
    public static string Sentence(this Phrases say, CampaignStatus status, CampaignStats stats, TimeZoneInfo zone)
    {
        var left = say.Count("ContactsLeft", stats.Contacts.Waiting + stats.Contacts.Calling);
        var live = stats.Contacts.Calling;
        return status.State switch
        {
            CampaignActivity.Calling => say["Sentence.Calling", say.Number(stats.Lines.InUse), say.Number(stats.Lines.Share), left],
            CampaignActivity.Waiting when status.Reasons is [{ Until: { } until }, ..] => say["Sentence.WaitingUntil", say.Moment(until, zone), left],
            CampaignActivity.Waiting => say["Sentence.Waiting", left],
            CampaignActivity.Paused when live > 0 => say["Sentence.PausedLive", say.Count("CallsEnd", live), left],
            CampaignActivity.Paused => say["Sentence.Paused", left],
            CampaignActivity.Finished => say["Sentence.Finished", say.Number(stats.Contacts.Done), say.Number(stats.Contacts.Listed())],
            _ => say["Sentence.Idle"],
        };
    }

    /// <summary>A reason in words, with the moment it ends by itself.</summary>
    public static string Reason(this Phrases say, StatusReason reason, TimeZoneInfo zone)
    {
        var text = say.Find($"Reason.{reason.Code}") ?? reason.Detail;
        return reason.Until is { } until ? $"{text}, {say["Campaign.Until", say.Moment(until, zone)]}" : text;
    }
}
