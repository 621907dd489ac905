using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Interfaces.Trunks;
using Orleans.Concurrency;

namespace Dialer.Grains.Nodes;

/// <summary>A trunk as a node is told of it.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.TrunkSpec")]
public sealed record TrunkSpec([property: Id(0)] string Key, [property: Id(1)] TrunkSettings Settings);

/// <summary>An operator's phone as a node is told of it.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.PhoneSpec")]
public sealed record PhoneSpec([property: Id(0)] string SipUser, [property: Id(1)] string Password, [property: Id(2)] string Name);

/// <summary>A call to be placed on a node.</summary>
/// <param name="At">
/// When it was asked for: of an attempt, when that was written. An order can lie for a minute in the buffers of a silo that sleeps, or be passed
/// on by it when it wakes.
/// </param>
/// <param name="Again">
/// It may have been placed before, by a silo that is gone, and be over by now: it is only looked for. <see cref="NodeAnswer.NotSent"/>
/// where it is not there.
/// </param>
[GenerateSerializer, Immutable, Alias("Dialer.OriginateOrder")]
public sealed record OriginateOrder(
    [property: Id(0)] string ChannelId, [property: Id(1)] string Endpoint, [property: Id(2)] string? CallerId,
    [property: Id(3)] TimeSpan Timeout, [property: Id(4)] string? Originator, [property: Id(6)] DateTimeOffset At,
    [property: Id(5)] bool Again = false);

/// <summary>What became of a request to a node.</summary>
[GenerateSerializer, Alias("Dialer.NodeAnswer")]
public enum NodeAnswer
{
    /// <summary>Done (or, for an originate, done before).</summary>
    Done,
    /// <summary>The channel, bridge or playback is gone; routine.</summary>
    Gone,
    /// <summary>Asterisk refused.</summary>
    Refused,
    /// <summary>Never sent: the node is not connected.</summary>
    NotSent,
    /// <summary>Sent, and no answer came; reconciliation will tell.</summary>
    Unknown,
}

/// <summary>
/// One Asterisk: the one event socket to it, the requests of calls, and what it is told of trunks and phones. Key: the node's id.
/// Requests interleave; each is a message over a thread-safe connection and touches no state of the grain.
/// </summary>
[Alias("Dialer.IAsteriskNodeGrain")]
public interface IAsteriskNodeGrain : IGrainWithStringKey
{
    /// <summary>
    /// How long a call waits for its node: longer than the node for Asterisk. Of a silo that dies Orleans tells at once, but not of one that a message was
    /// passed on to, as it is when the node has just moved; and somebody may be listening to silence. A trunk that tells of a change waits no longer
    /// either: meanwhile it gives no line away.
    /// </summary>
    const string Patience = "00:00:10";

    /// <summary>Keeps the grain awake; tells whether the node is connected and reconciled.</summary>
    [Alias("Ping"), AlwaysInterleave] Task<NodeStatus> Ping();

    /// <summary>Has it take no new calls, or take calls again; kept. Gives back how it stands then.</summary>
    [Alias("SetDraining")] Task<NodeStatus> SetDraining(bool draining);

    /// <summary>
    /// Moves to another silo, socket and all, without losing an event. Does nothing where it is there already; a silo that is gone meanwhile
    /// leaves it to whoever asks next.
    /// </summary>
    [Alias("MoveTo"), AlwaysInterleave] Task MoveTo(string silo);

    /// <summary>Places a call with an id of ours; the same id twice is one call.</summary>
    [Alias("Originate"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> Originate([Immutable] OriginateOrder order);

    /// <summary>Plays a list of media on a channel.</summary>
    [Alias("Play"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> Play(string channel, string playback, [Immutable] IReadOnlyList<string> media);

    /// <summary>Stops a playback; its end is reported.</summary>
    [Alias("StopPlaying"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> StopPlaying(string playback);

    /// <summary>Whether a playback is still going on; null where that is not known.</summary>
    [Alias("IsPlaying"), AlwaysInterleave, ResponseTimeout(Patience)] Task<bool?> IsPlaying(string playback);

    /// <summary>Hangs a channel up.</summary>
    [Alias("Hangup"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> Hangup(string channel);

    /// <summary>Starts or stops hold music on a channel.</summary>
    [Alias("HoldMusic"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> HoldMusic(string channel, bool on);

    /// <summary>Answers an incoming channel.</summary>
    [Alias("Answer"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> Answer(string channel);

    /// <summary>Connects channels through a bridge of that id.</summary>
    [Alias("Connect"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> Connect(string bridge, [Immutable] IReadOnlyList<string> channels);

    /// <summary>The channels in a bridge, none where there is no such bridge; null where that is not known.</summary>
    [Alias("InBridge"), AlwaysInterleave, ResponseTimeout(Patience)] Task<IReadOnlyList<string>?> InBridge(string bridge);

    /// <summary>Takes a bridge away and hangs up who is still in it: a call that was taken over does not know its operator's channel.</summary>
    [Alias("Disconnect"), AlwaysInterleave, ResponseTimeout(Patience)] Task<NodeAnswer> Disconnect(string bridge);

    /// <summary>
    /// A trunk was made, changed or deleted, and that is stored. How it is now the node asks itself: messages may overtake each other. Completes when
    /// Asterisk knows, or after a few seconds where it can't be told yet; then it is told as soon as it can.
    /// </summary>
    [Alias("TrunkChanged"), AlwaysInterleave, ResponseTimeout(Patience)] Task TrunkChanged(string key);

    /// <summary>The same for an operator's phone.</summary>
    [Alias("PhoneChanged"), AlwaysInterleave, ResponseTimeout(Patience)] Task PhoneChanged(string sipUser);

    /// <summary>Whether a phone is registered here now.</summary>
    [Alias("IsRegistered"), AlwaysInterleave, ResponseTimeout(Patience)] Task<bool> IsRegistered(string sipUser);
}
