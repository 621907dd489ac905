using Dialer.Ari;
using Dialer.Grains.Calls;
using Dialer.Grains.Operators;
using Dialer.Storage.Calls;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Compares what is written as in flight with what a node has: after each connect (events of the gap are lost), and now and then as a
/// safety net. Live calls are given back to their grains, those that are gone are closed, and what belongs to nobody is taken away.
/// </summary>
public sealed partial class NodeReconciliation(
    OpenAttempts open, OperatorLines lines, IGrainFactory grains, TimeProvider time, ILogger<NodeReconciliation> logger)
{
    // Longer than any way from the write of an attempt to its channel.
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(15);

    // A call that waits for an answer which died with a silo has its message still, and hears it when it has given up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly ParallelOptions SomeAtOnce = new() { MaxDegreeOfParallelism = 16 };

    /// <param name="seen">What earlier looks saw; this one is added.</param>
    /// <param name="afterGap">Whether events may have been lost: then every call is asked, not only those that look wrong.</param>
    /// <param name="fresh">Whether the node's grain is new: phones that were listening have lost their calls.</param>
    /// <returns>
    /// Whether to look again soon: some calls could not be asked, and others take them over as soon as somebody asks again where their silo is gone; or
    /// they were taken over after this look.
    /// </returns>
    public async Task<bool> RunAsync(
        AriConnection ari, NodeSettings node, SeenCalls seen, bool afterGap, bool fresh, CancellationToken cancellationToken)
    {
        // Channels first, then what is written: a channel's attempt was written before it, so a channel without one is an orphan.
        var asked = time.GetUtcNow();
        var channels = (await ari.Channels.ListAsync(cancellationToken)).ValueOrThrow();
        var bridges = (await ari.Bridges.ListAsync(cancellationToken)).ValueOrThrow();
        var now = time.GetUtcNow();
        var unasked = seen.AllUnasked();
        var attempts = await open.OfNodeAsync(node.Id, now + Young, cancellationToken);
        var byCall = channels.ToLookup(c => CallNames.KeyOf(c.Id), StringComparer.Ordinal);
        var bridgesOf = bridges.Select(b => CallNames.KeyOf(b.Id)).ToHashSet(StringComparer.Ordinal);

        var looksAgain = false;
        // Hundreds of calls are given back after a gap, and until then the node takes no new ones. Whoever has picked up hears nothing meanwhile.
        await Parallel.ForEachAsync(attempts.OrderBy(attempt => attempt.AnsweredAt ?? DateTimeOffset.MaxValue), SomeAtOnce, async (attempt, _) =>
        {
            var key = attempt.Id.ToString();
            var remains = byCall[key].Any(c => c.Id == key)
                ? new CallRemains(byCall[key].ToDictionary(c => c.Id, c => c.IsUp && c.IsIn(node.Application)), bridgesOf.Contains(key))
                : null;
            // Also those that look well: the silo of a call's grain may have died while the node's lives on.
            if ((afterGap || remains is not null || attempt.StartedAt < now - Young) && await Ask(key, attempt, remains, asked, afterGap, seen))
                looksAgain = true;
        });

        seen.Note(channels.Select(c => c.Id).Where(CallNames.IsAttempt), asked);
        var known = attempts.Select(a => a.Id.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var ended in unasked.Where(call => !known.Contains(call)))
            seen.Asked(ended);
        await TakeOrphansAway(ari, node, fresh, channels, bridges, known, cancellationToken);
        await lines.GiveBackWithoutChannelAsync(
            node.Id, channels.Select(c => c.Id).ToHashSet(StringComparer.Ordinal), asked - Young, cancellationToken);
        return looksAgain;
    }

    /// <summary>
    /// Closes all that is written as in flight on a node that nobody has in the configuration any more: no one will ever tell what became
    /// of it.
    /// </summary>
    /// <param name="lastSeen">When its calls were last seen; they had lasted until then.</param>
    public async Task CloseAllAsync(string node, DateTimeOffset? lastSeen, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var attempt in await open.OfNodeAsync(node, now, cancellationToken))
            await Ask(attempt.Id.ToString(), attempt, null, now, afterGap: true, new SeenCalls(lastSeen));
        await lines.GiveBackWithoutChannelAsync(node, new HashSet<string>(StringComparer.Ordinal), now - Young, cancellationToken);
    }

    /// <summary>Whether it is to be asked again soon: it could not be asked, or what it was told is too old.</summary>
    private async Task<bool> Ask(
        string key, OpenAttempt attempt, CallRemains? remains, DateTimeOffset asked, bool afterGap, SeenCalls seen)
    {
        // Not asked since then: it does not know of the gap yet. The end of one that is gone may be on its way now.
        afterGap |= remains is not null && seen.IsUnasked(key);
        try
        {
            var asksAgain = await grains.GetGrain<ICallGrain>(key).Reconcile(attempt, remains, asked, afterGap, seen.At(key)).WaitAsync(Patience, time);
            if (afterGap)
                seen.Asked(key);
            return asksAgain;
        }
        // One call that can't be asked must not keep the others from it.
        catch (Exception e)
        {
            LogNotAsked(e, key);
            if (afterGap)
                seen.Unasked(key);
            return true;
        }
    }

    private async Task TakeOrphansAway(
        AriConnection ari, NodeSettings node, bool fresh, AriChannel[] channels, AriBridge[] bridges, HashSet<string> known,
        CancellationToken cancellationToken)
    {
        foreach (var channel in channels)
        {
            var key = CallNames.KeyOf(channel.Id);
            if (CallNames.IsAttempt(key) && !known.Contains(key))
            {
                // Most that are gone by now had just ended: their attempt was closed after the channels were listed.
                if ((await ari.Channels.HangupAsync(channel.Id, cancellationToken: cancellationToken)).IsSuccess)
                    LogOrphan(node.Id, channel.Id);
            }
        }

        foreach (var bridge in bridges)
        {
            var key = CallNames.KeyOf(bridge.Id);
            if (CallNames.IsAttempt(key) && !known.Contains(key))
                await ari.Bridges.DestroyAsync(bridge.Id, cancellationToken);
        }

        if (!fresh)
            return;
        // The phones that they rang, too: one that has not picked up yet is in no application.
        foreach (var channel in channels)
            if (CallNames.KeyOf(channel.Id) is var key && !CallNames.IsAttempt(key) && (channel.IsIn(node.Application) || key != channel.Id))
                await ari.Channels.HangupAsync(channel.Id, cancellationToken: cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {Call} could not be asked how it stands; the next round asks again")]
    private partial void LogNotAsked(Exception error, string call);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} had a channel {Channel} whose attempt has ended; it was hung up")]
    private partial void LogOrphan(string node, string channel);
}
