using Dialer.Grains.Interfaces.Nodes;
using Dialer.Storage.Database;
using Orleans.Runtime;

namespace Dialer.Silo.Hosting;

/// <summary>Why a silo can't do its work now.</summary>
/// <param name="Code">One word for programs: <c>starting</c>, <c>stopping</c>, <c>databaseUnavailable</c>, <c>notInCluster</c> or <c>noNode</c>.</param>
/// <param name="Detail">A sentence for people.</param>
public sealed record UnreadyReason(string Code, string Detail);

/// <summary>Whether a silo can do its work now, as <c>/health/ready</c> says it.</summary>
/// <param name="Ready">True where there is no reason against it.</param>
/// <param name="Reasons">All that stands in the way.</param>
public sealed record Readiness(bool Ready, IReadOnlyList<UnreadyReason> Reasons);

/// <summary>What is known of a silo when it is asked whether it is ready.</summary>
/// <param name="Started">Its host runs.</param>
/// <param name="Stopping">Its host was told to end.</param>
/// <param name="Database">How PostgreSQL has just answered.</param>
/// <param name="Status">What the cluster says of it.</param>
/// <param name="Nodes">What it last heard of each Asterisk node.</param>
/// <param name="Refused">Why PostgreSQL has just refused what this silo wanted to write; null where it has not.</param>
public sealed record SiloCondition(
    bool Started, bool Stopping, DatabaseState Database, SiloStatus Status, IReadOnlyList<NodeStatus> Nodes, string? Refused = null);

/// <summary>
/// When a silo is ready: it runs, the database can be written to and has not just refused to be, the cluster has it as a member, and at least one Asterisk node can be called
/// through. One node of several that is away is that node's trouble; a silo that reaches none places no call at all.
/// </summary>
public static class ReadinessRule
{
    public static Readiness Decide(SiloCondition silo)
    {
        var reasons = new List<UnreadyReason>();
        if (silo.Stopping)
            reasons.Add(new("stopping", "The silo is shutting down."));
        else if (!silo.Started)
            reasons.Add(new("starting", "The silo is starting."));
        if (silo.Database != DatabaseState.Well)
            reasons.Add(new("databaseUnavailable",
                $"PostgreSQL {(silo.Database == DatabaseState.Away ? "does not answer" : "takes no writes (transaction_read_only is on: a standby, or set so)")}: "
                + "no call starts, and ends are kept until it is back."));
        else if (silo.Refused is { } why)
            reasons.Add(new("databaseUnavailable", $"PostgreSQL answers, and refuses what is written ({why}): no call starts, and ends are kept until it takes them."));
        if (silo.Status != SiloStatus.Active && silo.Started && !silo.Stopping)
            reasons.Add(new("notInCluster", $"The cluster does not count this silo as a working member ({silo.Status}); its grains wake on others."));
        if (!silo.Nodes.Any(node => node.Connected))
            reasons.Add(new("noNode", $"No Asterisk node can be reached: {string.Join("; ", silo.Nodes.Select(n => $"{n.Id}: {n.Problem ?? "not ready"}"))}."));
        return new Readiness(reasons.Count == 0, reasons);
    }
}
