using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>How calls of the world end: as ContactGrain has it, and NodeReconciliation for what no call reports.</summary>
public sealed partial class PermitWorld
{
    private const int Retries = 1;
    private static readonly Verdict[] s_verdicts =
    [
        Verdict.Success, Verdict.Busy, Verdict.NoAnswer, Verdict.TooShort, Verdict.InvalidNumber, Verdict.Interrupted, Verdict.Congestion,
        Verdict.Busy, Verdict.NoAnswer, Verdict.TrunkDown,
    ];

    private readonly List<Report> _reports = [];
    private readonly HashSet<Guid> _ended = [];
    private readonly HashSet<Guid> _endedAgain = [];
    private readonly HashSet<Guid> _perhapsEnded = [];

    /// <summary>A call that is over, as it is told to its contact.</summary>
    private sealed record Report(Call Call, Verdict Verdict, DateTimeOffset At);

    private Task HangUp(Act act)
    {
        lock (_lock)
        {
            if (PickOrNone([.. _channels.Values.OrderBy(c => c.Id)], act.Pick) is not { } call)
                return Task.CompletedTask;
            _channels.Remove(call.Id);
            Ended(call, PickOf(s_verdicts, act), act.Pick % 4 == 0);
        }

        return Task.CompletedTask;
    }

    // The line is free before the end is stored.
    private void Ended(Call call, Verdict verdict, bool twice)
    {
        _releases.Add((call.Id.ToString(), verdict switch
        {
            Verdict.TrunkDown => LineReturn.GatewayDown,
            Verdict.Congestion => LineReturn.Congested,
            Verdict.Interrupted => LineReturn.Unused,
            _ => LineReturn.Carried,
        }));
        _reports.AddRange(Enumerable.Repeat(new Report(call, verdict, _now), twice ? 2 : 1));
    }

    private async Task End(Act act)
    {
        if (!TryTake(_reports, act, out var report))
            return;
        var (answered, isFirst) = await TellAsync(act.Fault, () => Store(report, _store.Stores[act.Pick % 2]));
        lock (_lock)
            if (answered)
            {
                Assert.True((isFirst ? _ended : _endedAgain).Add(report.Call.Id) || !isFirst, "An end was counted twice.");
                _releases.Add((report.Call.Id.ToString(), LineReturn.Unused));
                See(isFirst ? "end" : "end again");
            }
            else
            {
                _perhapsEnded.Add(report.Call.Id);
                _reports.Add(report);
            }
    }

    private Task<bool> Store(Report report, AttemptStore store)
    {
        var decision = report.Call.Row is { } row
            ? RetryRule.After(
                report.Verdict, 0, new ContactProgress(row.Numbers.Length, row.Struck, row.NextNumber, row.RetriesUsed, row.Setbacks),
                new RetryPolicy(Retries, TimeSpan.FromSeconds(20)), report.At)
            : new RetryDecision(ContactState.Withdrawn, null, default);
        return store.EndAsync(_store.End(report.Call.Id, report.Verdict, decision.State, decision.NextDueAt, decision.Progress.RetriesUsed) with
        {
            Campaign = report.Call.Campaign.Lists.Campaign,
            Struck = decision.Progress.Struck,
            NextNumber = decision.Progress.NextNumber,
            Setbacks = decision.Progress.Setbacks,
        });
    }

    private async Task Reconcile(Act act)
    {
        var lost = await Lost();
        lock (_lock)
            if (PickOrNone(lost, act.Pick) is { } call && !_reports.Any(r => r.Call.Id == call.Id))
                Ended(call, Verdict.Interrupted, twice: false);
    }

    /// <summary>Attempts that are open in the database and have no channel.</summary>
    private async Task<List<Call>> Lost()
    {
        var lost = new List<Call>();
        foreach (var open in await _store.Open.OfNodeAsync(StoreFixture.Node, DateTimeOffset.MaxValue, Ct))
            if (!_channels.ContainsKey(open.Id))
                lost.Add(new Call(
                    open.Id, _campaigns.Single(c => c.Key == open.CampaignKey), open.Contact, await _store.Contacts.ReadAsync(open.Campaign, open.Contact, Ct)));
        return lost;
    }
}
