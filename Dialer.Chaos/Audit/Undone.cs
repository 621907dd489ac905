using System.Globalization;

namespace Dialer.Chaos.Audit;

/// <summary>Damage that a program was to do and did not: its figures would say nothing then. Pure.</summary>
internal static class Undone
{
    /// <summary>What is missing, in words; empty where all was done.</summary>
    public static IEnumerable<string> Of(Evidence evidence)
    {
        if (evidence.Spoilt is { } spoilt && (spoilt.Late == 0 || spoilt.Twice == 0 || spoilt.Lost == 0))
            yield return string.Create(
                CultureInfo.InvariantCulture, $"events were not spoilt in every way: {spoilt.Late} late, {spoilt.Twice} twice, {spoilt.Lost} lost");
        if (evidence.Calls.All(call => call.Heard is null))
            yield return "of no call it was recorded what was heard";
        if (evidence.Calls.Count(call => call.Sip is null) is > 0 and var unseen)
            yield return string.Create(CultureInfo.InvariantCulture, $"{unseen} calls are not among the network's SIP messages");
        foreach (var closed in evidence.Strikes.Where(strike => strike.IsClosed))
        {
            if (!evidence.Strikes.Any(strike => strike.ClocksWrong is { } wrong && wrong.From <= closed.From && wrong.To >= closed.To))
                yield return "the hours closed and opened without all silos' clocks being wrong";
            var calledBefore = evidence.Calls.Where(call => call.StartedAt < closed.To).Select(call => call.Number).ToHashSet(StringComparer.Ordinal);
            if (evidence.People.Values.All(person => person.AddedAt > closed.From || calledBefore.Contains(person.Number)))
                yield return "nobody waited to be called while the hours were closed";
        }
    }
}
