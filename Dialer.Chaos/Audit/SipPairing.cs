using Dialer.Tests.Infrastructure;

namespace Dialer.Chaos.Audit;

/// <summary>Which SIP messages belong to which call of the network's log: the two have no id in common.</summary>
internal static class SipPairing
{
    /// <summary>
    /// Gives each call its SIP messages: the last INVITE to that number before the network began with it that is no later call's. Where the network is
    /// late, the INVITE of the next call may have come before it begins with the one before.
    /// </summary>
    public static IReadOnlyList<NetworkCallRow> Join(IEnumerable<NetworkCallRow> calls, IEnumerable<SipCall> messages)
    {
        var of = messages.OrderBy(call => call.CalledAt).GroupBy(call => call.Number, StringComparer.Ordinal)
            .ToDictionary(number => number.Key, number => new Stack<SipCall>(number), StringComparer.Ordinal);
        var joined = calls.ToArray();
        foreach (var at in Enumerable.Range(0, joined.Length).OrderByDescending(at => joined[at].StartedAt))
        {
            var call = joined[at];
            if (!of.TryGetValue(call.Number, out var left))
                continue;
            while (left.TryPeek(out var later) && later.CalledAt > call.StartedAt)
                left.Pop();
            if (left.TryPop(out var sip))
                joined[at] = call with { Sip = sip, AnsweredAt = sip.IsGivenUp ? null : call.AnsweredAt };
        }

        return joined;
    }
}
