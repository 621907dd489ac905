using Dialer.Grains.Calls;
using Dialer.Storage.Contacts;
using Orleans.Concurrency;

namespace Dialer.Grains.Contacts;

/// <summary>The campaign's terms for its contacts: when they may be called, when it counts, and when again.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CallTerms")]
public sealed record CallTerms(
    [property: Id(0)] TimeSpan MinimumDuration,
    [property: Id(1)] int Retries,
    [property: Id(2)] TimeSpan RetryInterval,
    [property: Id(3)] IReadOnlyDictionary<Dialer.Grains.Interfaces.Calls.Verdict, TimeSpan>? RetryIntervals,
    [property: Id(4)] IReadOnlyList<Dialer.Grains.Interfaces.Campaigns.CallingWindow> Windows,
    [property: Id(5)] DateOnly? StartDate,
    [property: Id(6)] DateOnly? EndDate,
    [property: Id(7)] string TimeZone);

/// <summary>A contact's call, allowed by a claim and a line.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.ContactOrder")]
public sealed record ContactOrder(
    [property: Id(0)] ContactRow Contact,
    [property: Id(1)] Guid Attempt,
    [property: Id(2)] string TrunkKey,
    [property: Id(3)] long TrunkEpoch,
    [property: Id(4)] string Node,
    [property: Id(5)] string? CallerId,
    [property: Id(6)] CallTerms Terms,
    [property: Id(7)] CallScript Script,
    [property: Id(8)] string CampaignKey);

/// <summary>What became of a contact's order.</summary>
[GenerateSerializer, Alias("Dialer.OrderOutcome")]
public enum OrderOutcome
{
    /// <summary>The attempt is written and its call is under way; its end will be reported.</summary>
    Started,
    /// <summary>The contact may not be called now, or can't be called at all; it was put away. The line is unused.</summary>
    NotCallable,
    /// <summary>The contact belongs to somebody else by now. The line is unused.</summary>
    ContactFenced,
    /// <summary>The line belongs to nobody: its trunk has a new owner. The contact is unused.</summary>
    TrunkFenced,
    /// <summary>The database did not answer; whether the attempt was written is unknown, and reconciliation will tell.</summary>
    Unknown,
}

/// <summary>How a call ended, as the call saw it.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CallOutcome")]
public sealed record CallOutcome(
    [property: Id(0)] Guid Attempt,
    [property: Id(1)] string CampaignKey,
    [property: Id(2)] string TrunkKey,
    [property: Id(3)] int NumberIndex,
    [property: Id(4)] DateTimeOffset? AnsweredAt,
    [property: Id(5)] DateTimeOffset EndedAt,
    [property: Id(6)] int? Cause,
    [property: Id(7)] string? TechCause,
    [property: Id(8)] string? DialStatus,
    [property: Id(9)] CallEnding Ending,
    [property: Id(10)] string? Keys,
    [property: Id(11)] string? Operator,
    [property: Id(12)] bool OperatorRequested);

/// <summary>A person to be called. Key: <c>campaign number/contact id</c>.</summary>
[Alias("Dialer.IContactGrain")]
public interface IContactGrain : IGrainWithStringKey
{
    /// <summary>May I be called now, on which number? Writes the attempt, then has the call placed.</summary>
    [Alias("Call")] Task<OrderOutcome> Call([Immutable] ContactOrder order);

    /// <summary>Judges an ended call, stores attempt and contact together, and tells trunk and campaign. Twice does no harm.</summary>
    [Alias("Ended")] Task Ended([Immutable] CallOutcome outcome);
}
