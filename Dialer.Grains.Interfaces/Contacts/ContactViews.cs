using Dialer.Grains.Interfaces.Calls;

namespace Dialer.Grains.Interfaces.Contacts;

/// <summary>Where a contact stands.</summary>
[GenerateSerializer, Alias("Dialer.ContactState")]
public enum ContactState
{
    /// <summary>To be called, now or later.</summary>
    Waiting = 0,
    /// <summary>A call is running.</summary>
    Calling = 1,
    /// <summary>Reached for at least the minimum duration.</summary>
    Done = 2,
    /// <summary>No retry and no number is left.</summary>
    Failed = 3,
    /// <summary>No longer in the list.</summary>
    Withdrawn = 4,
}

/// <summary>A contact as it is shown.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.ContactView")]
public sealed record ContactView(
    [property: Id(0)] long Id, [property: Id(1)] string Name, [property: Id(2)] IReadOnlyList<string> Numbers,
    [property: Id(3)] IReadOnlyDictionary<string, string> Variables, [property: Id(4)] ContactState State,
    [property: Id(5)] int Attempts, [property: Id(6)] DateTimeOffset? NextDueAt, [property: Id(7)] Verdict? LastVerdict);

/// <summary>An attempt as it is shown. <c>Duration</c> is from answer to hang-up.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.AttemptView")]
public sealed record AttemptView(
    [property: Id(0)] Guid Id, [property: Id(1)] long ContactId, [property: Id(2)] string Name, [property: Id(3)] string Number,
    [property: Id(4)] string Trunk, [property: Id(5)] DateTimeOffset StartedAt, [property: Id(6)] DateTimeOffset? AnsweredAt,
    [property: Id(7)] DateTimeOffset? EndedAt, [property: Id(8)] TimeSpan? Duration, [property: Id(9)] Verdict? Verdict,
    [property: Id(10)] int? Cause, [property: Id(11)] string? Keys, [property: Id(12)] string? Operator);
