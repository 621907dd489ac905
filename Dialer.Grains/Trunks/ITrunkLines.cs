using Orleans.Concurrency;

namespace Dialer.Grains.Trunks;

/// <summary>Lines of a trunk that were granted: each permit is also the id of the one attempt that may use it.</summary>
/// <param name="TrunkKey"><c>tenant/trunk</c>.</param>
/// <param name="Epoch">Goes with the write of the attempt, which fails where the trunk has another owner by then.</param>
/// <param name="Permits">Ids for new attempts.</param>
/// <param name="CallerId">What the trunk shows to the called party, unless the campaign says otherwise.</param>
/// <param name="Unreachable">Nodes from which the gateway does not answer.</param>
[GenerateSerializer, Immutable, Alias("Dialer.LineGrant")]
public sealed record LineGrant(
    [property: Id(0)] string TrunkKey, [property: Id(1)] long Epoch, [property: Id(2)] IReadOnlyList<Guid> Permits, [property: Id(3)] string? CallerId,
    [property: Id(4)] IReadOnlyCollection<string>? Unreachable = null);

/// <summary>What a campaign wants of a trunk at this moment; replaces what it wanted before.</summary>
/// <param name="From">Where the campaign is.</param>
/// <param name="Epoch">The campaign's own: lines that were granted to an owner of a lower one are not used any more.</param>
[GenerateSerializer, Immutable, Alias("Dialer.LineRequest")]
public sealed record LineRequest(
    [property: Id(0)] string CampaignKey, [property: Id(1)] int Share, [property: Id(2)] int Priority, [property: Id(3)] int Wanted,
    [property: Id(4)] SiloAddress? From = null, [property: Id(5)] long Epoch = 0);

/// <summary>How a line came back.</summary>
[GenerateSerializer, Alias("Dialer.LineReturn")]
public enum LineReturn
{
    /// <summary>The permit was not used.</summary>
    Unused,
    /// <summary>The gateway carried the call (whatever became of it).</summary>
    Carried,
    /// <summary>The carrier had no circuit.</summary>
    Congested,
    /// <summary>The gateway did not answer or refused us.</summary>
    GatewayDown,
    /// <summary>The gateway did not accept our username and password.</summary>
    LoginRefused,
}

/// <summary>The inner side of a trunk: its lines. Same grain and key as <see cref="Dialer.Grains.Interfaces.Trunks.ITrunkGrain"/>.</summary>
[Alias("Dialer.ITrunkLines")]
public interface ITrunkLines : IGrainWithStringKey
{
    /// <summary>Says how many lines a campaign could use now. Grants come by <see cref="Campaigns.ICampaignLines.Granted"/>.</summary>
    [Alias("Request"), OneWay] Task Request(LineRequest request);

    /// <summary>Gives a line back; twice does no harm.</summary>
    [Alias("Release"), OneWay] Task Release(string id, LineReturn how);

    /// <summary>Wants a line for an operator's mobile, ahead of new calls. Granted by <see cref="Calls.ICallGrain.OperatorLine"/>, perhaps at once.</summary>
    [Alias("RequestOperatorLine")] Task RequestOperatorLine(string legId, string callKey);

    /// <summary>A node reports whether the gateway answers there.</summary>
    [Alias("Reported")] Task Reported(string node, bool reachable);

    /// <summary>Its lines as a campaign sees them.</summary>
    [Alias("Look"), AlwaysInterleave] Task<LineAnswer> Look();

    /// <summary>The settings with the password, for the nodes; null where there is no such trunk.</summary>
    [Alias("Spec"), AlwaysInterleave] Task<Nodes.TrunkSpec?> Spec();

    /// <summary>A line of this epoch was refused by the database: forgets what it counted and counts again from what is written.</summary>
    /// <param name="fencedEpoch">Nothing happens where the trunk has a newer epoch already: grants cross a count on their way.</param>
    [Alias("Recount"), OneWay] Task Recount(long fencedEpoch);
}

/// <summary>Why a campaign that wants lines has none, as the trunk sees it.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.LineAnswer")]
public sealed record LineAnswer([property: Id(0)] bool Exists, [property: Id(1)] int Free, [property: Id(2)] DateTimeOffset? PausedUntil, [property: Id(3)] string? Problem);
