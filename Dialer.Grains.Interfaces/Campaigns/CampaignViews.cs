using Dialer.Grains.Interfaces.Calls;

namespace Dialer.Grains.Interfaces.Campaigns;

/// <summary>Contacts of the campaign's list by state.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.ContactCounts")]
public sealed record ContactCounts(
    [property: Id(0)] long Total, [property: Id(1)] long Waiting, [property: Id(2)] long Calling,
    [property: Id(3)] long Done, [property: Id(4)] long Failed, [property: Id(5)] long Withdrawn);

/// <summary>Attempts that have ended.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.AttemptCounts")]
public sealed record AttemptCounts(
    [property: Id(0)] long Total, [property: Id(1)] long Answered, [property: Id(2)] IReadOnlyDictionary<Verdict, long> ByVerdict);

/// <summary>Time between answer and hang-up.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.TalkTime")]
public sealed record TalkTime([property: Id(0)] TimeSpan Total, [property: Id(1)] TimeSpan Average);

/// <summary>Calls that asked for an operator, and those that got one.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.OperatorCounts")]
public sealed record OperatorCounts([property: Id(0)] long Requested, [property: Id(1)] long Connected);

/// <summary>Lines that the campaign uses now, and may use.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.LineCounts")]
public sealed record LineCounts([property: Id(0)] int InUse, [property: Id(1)] int Share);

/// <summary>A campaign's figures.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CampaignStats")]
public sealed record CampaignStats(
    [property: Id(0)] ContactCounts Contacts, [property: Id(1)] AttemptCounts Attempts, [property: Id(2)] TalkTime Talk,
    [property: Id(3)] OperatorCounts Operator, [property: Id(4)] LineCounts Lines);

/// <summary>What a campaign is doing.</summary>
[GenerateSerializer, Alias("Dialer.CampaignActivity")]
public enum CampaignActivity
{
    /// <summary>Calls are running or about to start.</summary>
    Calling,
    /// <summary>Nothing is to be done now: no contact, no lines.</summary>
    Idle,
    /// <summary>It waits for something that comes by itself: calling hours, a retry, a line, a node.</summary>
    Waiting,
    /// <summary>Not enabled.</summary>
    Paused,
    /// <summary>Every contact is done, failed or withdrawn, or the end date is past.</summary>
    Finished,
}

/// <summary>Why nothing is being dialled at this moment.</summary>
/// <param name="Code">Stable name, camelCase: paused, notStarted, ended, outsideSchedule, dialPlan, speechUnavailable, noContacts, nothingDue, noLines, trunkMissing, trunkDown, trunkBusy, noNode, databaseUnavailable, finished.</param>
/// <param name="Detail">In words for a person.</param>
/// <param name="Until">When it ends by itself, if that is known.</param>
[GenerateSerializer, Immutable, Alias("Dialer.StatusReason")]
public sealed record StatusReason(
    [property: Id(0)] string Code, [property: Id(1)] string Detail, [property: Id(2)] DateTimeOffset? Until = null);

/// <summary>What a campaign is doing, and why nothing is being dialled if nothing is.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CampaignStatus")]
public sealed record CampaignStatus([property: Id(0)] CampaignActivity State, [property: Id(1)] IReadOnlyList<StatusReason> Reasons);
