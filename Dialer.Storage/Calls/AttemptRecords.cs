using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Orleans;

namespace Dialer.Storage.Calls;

/// <summary>What is written before a call is placed. It carries the epochs of both owners that allowed it.</summary>
/// <param name="Id">The attempt, which is also the ARI channel's id.</param>
/// <param name="Contact">Whom it calls; must be claimed with <paramref name="ClaimEpoch"/>.</param>
/// <param name="Generation">Which version of the contact was claimed; a newer list may have replaced it since.</param>
/// <param name="AttemptsBefore">How many attempts of that version had ended when it was claimed: it may have been called since.</param>
/// <param name="TrunkKey"><c>tenant/trunk</c>.</param>
/// <param name="TrunkEpoch">The epoch of the trunk owner that granted the line.</param>
public sealed record AttemptStart(
    int Campaign, Guid Id, long Contact, long ClaimEpoch, int Generation, int AttemptsBefore, string Name, string Number, int NumberIndex,
    string TrunkKey, long TrunkEpoch, string Node, DateTimeOffset StartedAt);

/// <summary>Whether an attempt was written, and if not, who refused it.</summary>
public enum StartOutcome
{
    /// <summary>Written; the call may be placed.</summary>
    Started,
    /// <summary>The line was granted by a trunk owner that is no longer one.</summary>
    TrunkFenced,
    /// <summary>The contact is no longer claimed by this owner, was withdrawn or replaced by a newer list, or has a running attempt.</summary>
    ContactFenced,
}

/// <summary>What becomes known while a call runs; null leaves a column as it is.</summary>
/// <param name="DecidedAt">
/// When it was so. Step, keys and operator are left as they are where later ones are written: a silo that slept writes what it had decided
/// before, and its successor has gone on. Of one call each is later than the one before, and than what its successor has read.
/// </param>
public sealed record AttemptProgress(
    int Campaign, Guid Id, DateTimeOffset DecidedAt, DateTimeOffset? AnsweredAt, string? Step, string? Keys, string? Operator, bool OperatorRequested);

/// <summary>How an attempt ended, and where that leaves its contact. Stored together or not at all, and only once.</summary>
public sealed record AttemptEnd(
    int Campaign, Guid Id, DateTimeOffset? AnsweredAt, DateTimeOffset EndedAt, Verdict Verdict, int? Cause, string? TechCause,
    string? Keys, string? Operator, bool OperatorRequested,
    ContactState ContactState, DateTimeOffset? NextDueAt, int Struck, int NextNumber, int RetriesUsed, int Setbacks);

/// <summary>An attempt without an end, as reconciliation reads it.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.OpenAttempt")]
public sealed record OpenAttempt(
    [property: Id(0)] int Campaign, [property: Id(1)] Guid Id, [property: Id(2)] long Contact, [property: Id(3)] string CampaignKey,
    [property: Id(4)] string Number, [property: Id(5)] int NumberIndex, [property: Id(6)] string TrunkKey, [property: Id(7)] string Node,
    [property: Id(8)] DateTimeOffset StartedAt, [property: Id(9)] DateTimeOffset? AnsweredAt, [property: Id(10)] string? Step,
    [property: Id(11)] string? Keys, [property: Id(12)] bool OperatorRequested, [property: Id(13)] string? Operator,
    [property: Id(14)] DateTimeOffset? DecidedAt);
