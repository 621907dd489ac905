using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Trunks;

namespace Dialer.Grains.Campaigns;

/// <summary>What is known of a campaign when it is asked why nothing is being dialled.</summary>
public sealed record CampaignSituation
{
    public required CampaignSettings Settings { get; init; }
    public required TimeZoneInfo Zone { get; init; }
    public required ContactCounts Contacts { get; init; }
    public DateTimeOffset? NextDue { get; init; }
    public IReadOnlyList<string> PlanProblems { get; init; } = [];
    public IReadOnlyDictionary<string, LineAnswer> Trunks { get; init; } = new Dictionary<string, LineAnswer>();
    public bool SpeechFails { get; init; }

    /// <summary>Why no Asterisk node takes a call; null where one does.</summary>
    public string? NoNode { get; init; }
}

/// <summary>
/// The ordered gates between a campaign and its next call. Each that is closed gives its reason; the first is the headline.
/// </summary>
public static class CampaignGates
{
    /// <summary>The gates that hold whatever contacts and lines there are: enabled, dates, hours. Empty: open.</summary>
    public static IReadOnlyList<StatusReason> Time(CampaignSettings settings, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (!settings.Enabled)
            return [new StatusReason("paused", "The campaign is paused.")];
        var hours = CampaignRules.Hours(settings);
        if (hours.IsOpen(now, zone))
            return [];
        var today = CallingHours.LocalDate(now, zone);
        var opening = hours.NextOpening(now, zone);
        if (opening is null)
            return [new StatusReason("ended", settings.EndDate is { } end && today > end
                ? $"The last day of calls was {end:yyyy-MM-dd}."
                : "No calling hours are left before the end date.")];
        return settings.StartDate is { } start && today < start
            ? [new StatusReason("notStarted", $"Calls begin on {start:yyyy-MM-dd}.", opening)]
            : [new StatusReason("outsideSchedule", "It is outside the calling hours.", opening)];
    }

    /// <summary>State and reasons, in the order of the gates.</summary>
    public static CampaignStatus Status(CampaignSituation situation, DateTimeOffset now)
    {
        var (settings, contacts) = (situation.Settings, situation.Contacts);
        var finished = contacts.Total > 0 && contacts.Waiting + contacts.Calling == 0;
        var reasons = Time(settings, situation.Zone, now).ToList();
        var time = reasons.FirstOrDefault()?.Code;
        reasons.AddRange(situation.PlanProblems.Select(p => new StatusReason("dialPlan", p)));
        if (situation.SpeechFails)
            reasons.Add(new("speechUnavailable", "The speech engine does not work; calls wait until it does."));
        if (contacts.Total == 0)
            reasons.Add(new("noContacts", "No list has been uploaded yet."));
        else if (finished)
            reasons.Add(new("finished", "Every contact is done, failed or withdrawn."));
        else if (contacts.Waiting > 0 && situation.NextDue is { } due && due > now)
            reasons.Add(new("nothingDue", "Every waiting contact is to be called again later.", due));
        reasons.AddRange(Lines(situation, now));

        var state = time switch
        {
            "paused" => CampaignActivity.Paused,
            _ when contacts.Calling > 0 => CampaignActivity.Calling,
            _ when finished || time == "ended" => CampaignActivity.Finished,
            _ when reasons.Any(r => r.Code is "noContacts" or "noLines" or "dialPlan" or "trunkMissing") => CampaignActivity.Idle,
            _ => reasons.Count > 0 ? CampaignActivity.Waiting : CampaignActivity.Calling,
        };
        // While calls run, a trunk without a free line is as it should be.
        return new CampaignStatus(state, state == CampaignActivity.Calling ? [.. reasons.Where(r => r.Code != "trunkBusy")] : reasons);
    }

    private static IEnumerable<StatusReason> Lines(CampaignSituation situation, DateTimeOffset now)
    {
        if (situation.Settings.Trunks.Count == 0)
            yield return new("noLines", "The campaign has no trunk; give it lines of one.");
        foreach (var share in situation.Settings.Trunks)
            if (!situation.Trunks.TryGetValue(share.Trunk, out var answer))
                continue;
            else if (!answer.Exists)
                yield return new("trunkMissing", $"The trunk '{share.Trunk}' does not exist yet.");
            else if (answer.PausedUntil is { } until && until > now)
                yield return new("trunkDown", $"The trunk '{share.Trunk}' is resting: {answer.Problem ?? "its gateway does not take calls"}.", until);
            else if (answer.Free == 0)
                yield return new("trunkBusy", $"Every line of the trunk '{share.Trunk}' is in use.");
        if (situation.NoNode is { } why)
            yield return new("noNode", $"No Asterisk node can take calls: {why}.");
    }
}
