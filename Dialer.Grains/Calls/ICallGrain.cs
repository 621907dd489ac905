using Dialer.Ari;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Storage.Calls;
using Orleans.Concurrency;

namespace Dialer.Grains.Calls;

/// <summary>What the calls of a campaign follow.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CallScript")]
public sealed record CallScript(
    [property: Id(0)] DialPlanSnapshot Plan, [property: Id(1)] string Entry, [property: Id(2)] TimeSpan RingTimeout, [property: Id(3)] string? CallerId);

/// <summary>A call to be placed. The attempt is written already.</summary>
/// <param name="Again">It may have been placed before, by a silo that is gone: it is only looked for.</param>
[GenerateSerializer, Immutable, Alias("Dialer.CallOrder")]
public sealed record CallOrder(
    [property: Id(0)] Guid Attempt,
    [property: Id(1)] int Campaign,
    [property: Id(2)] string CampaignKey,
    [property: Id(3)] long Contact,
    [property: Id(4)] string Number,
    [property: Id(5)] int NumberIndex,
    [property: Id(6)] string TrunkKey,
    [property: Id(7)] string Node,
    [property: Id(8)] string? CallerId,
    [property: Id(9)] IReadOnlyDictionary<string, string> Variables,
    [property: Id(10)] CallScript Script,
    [property: Id(11)] DateTimeOffset WrittenAt,
    [property: Id(12)] bool Again = false);

/// <summary>What happened to a channel or playback of a call.</summary>
[GenerateSerializer, Alias("Dialer.CallEventKind")]
public enum CallEventKind
{
    /// <summary>The far end's progress; <c>Text</c> is the dial status.</summary>
    Dial,
    /// <summary>The channel is up.</summary>
    Up,
    /// <summary>The channel entered our application.</summary>
    Entered,
    /// <summary>A key; <c>Text</c> is the digit.</summary>
    Key,
    /// <summary>A playback ended; <c>Text</c> is <c>done</c> or <c>failed</c>.</summary>
    PlaybackFinished,
    /// <summary>Somebody hung up.</summary>
    HangupRequested,
    /// <summary>The channel is gone.</summary>
    Destroyed,
}

/// <summary>One event of a call, in Asterisk's order.</summary>
/// <param name="Source">The channel or playback it is about.</param>
/// <param name="At">By Asterisk's clock.</param>
/// <param name="WasUp">Of an end, and of a hang-up: whether the channel had been answered.</param>
/// <param name="WasRinging">Of the same: whether the far end rang, which may have been told in a gap.</param>
[GenerateSerializer, Immutable, Alias("Dialer.CallEvent")]
public sealed record CallEvent(
    [property: Id(0)] CallEventKind Kind, [property: Id(1)] string Source, [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] string? Text = null, [property: Id(4)] int? Cause = null, [property: Id(5)] string? TechCause = null, [property: Id(6)] bool WasUp = false,
    [property: Id(7)] bool WasRinging = false)
{
    /// <summary>Whether it only adds to what is known of the call: taken twice, it changes nothing.</summary>
    public bool IsHarmless => Kind is CallEventKind.Dial or CallEventKind.Up or CallEventKind.HangupRequested;

    /// <summary>Whether another event follows at once that says what comes of it: the channel enters the application, or is gone.</summary>
    public bool IsAnnouncement => IsHarmless && Text is not (DialStatuses.Ringing or DialStatuses.Progress);
}

/// <summary>What a node has of a call: its channels (by id, with whether each is up) and whether its bridge is there.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CallRemains")]
public sealed record CallRemains([property: Id(0)] IReadOnlyDictionary<string, bool> Channels, [property: Id(1)] bool Bridge);

/// <summary>One call: an attempt, or a phone of the office that listens to the plan. Key: the attempt's id, or <c>node:channel id</c>.</summary>
[Alias("Dialer.ICallGrain")]
public interface ICallGrain : IGrainWithStringKey
{
    /// <summary>Places the call. Returns as soon as the node took (or refused) it; twice does no harm.</summary>
    [Alias("Place")] Task Place([Immutable] CallOrder order);

    /// <summary>A phone of the office dialled an extension; it hears what a contact would hear.</summary>
    [Alias("Listen")] Task Listen(string node, string channel, string tenant, string extension);

    /// <summary>
    /// Events of its channels and playbacks, in order. What fails is told again as a whole: those before the last one do no harm when
    /// they come twice (<see cref="CallEvent.IsHarmless"/>).
    /// </summary>
    [Alias("Happenings")] Task Happened([Immutable] IReadOnlyList<CallEvent> events);

    /// <summary>
    /// The node compares what is written with what it has: at each reconnect, and now and then. A call that its grain knows nothing of
    /// goes on with the step it was at, or, where no channel remains, is closed.
    /// </summary>
    /// <param name="remains">What the node had of it when it was asked; null where there was no channel of it.</param>
    /// <param name="asked">When the node was asked. What it had then, it need not have when this arrives.</param>
    /// <param name="afterGap">Whether events may have been lost; otherwise a call that its grain knows is left alone.</param>
    /// <param name="lastSeen">When the node was last known to be well, for calls whose end nobody saw.</param>
    /// <returns>Whether it wants to be asked again soon: it rings here since after that look, and who picked up in between its predecessor alone has heard of.</returns>
    [Alias("Reconcile")] Task<bool> Reconcile([Immutable] OpenAttempt attempt, [Immutable] CallRemains? remains, DateTimeOffset asked, bool afterGap, DateTimeOffset? lastSeen);

    /// <summary>A trunk grants a line for an operator's mobile.</summary>
    [Alias("OperatorLine"), OneWay] Task OperatorLine(string legId, string trunkKey, long epoch, string? callerId);

    /// <summary>The queue has it ring members.</summary>
    [Alias("Ring"), OneWay] Task Ring([Immutable] IReadOnlyList<Operators.RingOrder> members);

    /// <summary>The queue lets it go unanswered.</summary>
    [Alias("QueueTimedOut"), OneWay] Task QueueTimedOut();
}
