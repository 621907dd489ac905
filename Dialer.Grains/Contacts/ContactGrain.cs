using Dialer.Grains.Calls;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Microsoft.Extensions.Logging;
using Orleans.GrainDirectory;
using Orleans.Placement;

namespace Dialer.Grains.Contacts;

/// <summary>
/// A person to be called, awake only around an attempt. Key: <c>campaign number/contact id</c>. The campaign calls it with a claim and
/// a line; its call reports the end. It owns the retry timer (<c>next_due_at</c> in its row) and the rule of what counts as reached.
/// Its state is its row, so a crash loses nothing: an end that is reported to a new activation is judged from what is stored. It may be awake on
/// two silos at once, where its campaign or its call has moved between them (<see cref="ContactDirectory"/>).
/// </summary>
[PreferLocalPlacement, GrainDirectory(ContactDirectory.Name)]
public sealed partial class ContactGrain(
    ContactStore contacts, AttemptStore attempts, TimeProvider time, ILogger<ContactGrain> logger) : Grain, IContactGrain
{
    // Lost with the activation, and read again where it is missing, or of another attempt: that one may have ended elsewhere.
    private ContactRow? _row;
    private Guid _rowOf;
    private CallTerms? _terms;
    private Guid _released;

    public async Task<OrderOutcome> Call(ContactOrder order)
    {
        var now = time.GetUtcNow();
        if (Choose(order, now) is not { } choice)
            return await PutAway(order, now);

        var (numberIndex, number) = choice;
        var outcome = await Write(order, numberIndex, number, now);
        if (outcome != OrderOutcome.Started)
            return outcome;
        // Not of an order that is refused: a call may be running that was begun with another row.
        (_row, _rowOf, _terms) = (order.Contact, order.Attempt, order.Terms);
        var placed = new CallOrder(
            order.Attempt, order.Contact.Campaign, order.CampaignKey, order.Contact.Id, number, numberIndex, order.TrunkKey, order.Node,
            order.Script.CallerId ?? order.CallerId, order.Contact.ReadVariables(), order.Script, now);
        await MovingGrain.TellAsync(again => GrainFactory.GetGrain<ICallGrain>(order.Attempt.ToString()).Place(placed with { Again = again }), time);
        return OrderOutcome.Started;
    }

    public async Task Ended(CallOutcome outcome)
    {
        using var trace = AttemptTraces.Start("end", outcome.Attempt);
        var (campaign, id) = Key;
        if (_row is null || _rowOf != outcome.Attempt)
            (_row, _rowOf, _terms) = (await contacts.ReadAsync(campaign, id, CancellationToken.None), outcome.Attempt, null);
        _terms ??= await GrainFactory.GetGrain<ICampaignLines>(outcome.CampaignKey).Terms();
        var lasted = outcome.AnsweredAt is { } answered && outcome.EndedAt > answered ? outcome.EndedAt - answered : TimeSpan.Zero;
        var verdict = VerdictRule.Decide(
            new CallFacts(outcome.AnsweredAt is not null, lasted, outcome.Cause, outcome.TechCause, outcome.DialStatus, outcome.Ending),
            _terms?.MinimumDuration ?? TimeSpan.Zero);
        trace?.SetTag("dialer.verdict", verdict.ToString()).SetTag("dialer.cause", outcome.Cause);
        var now = time.GetUtcNow();
        var decision = _row is null || _terms is null
            ? new RetryDecision(ContactState.Withdrawn, null, default)
            : RetryRule.After(verdict, outcome.NumberIndex, Progress(_row), new RetryPolicy(_terms.Retries, _terms.RetryInterval, _terms.RetryIntervals), now);
        var progress = decision.Progress;
        // The channel is gone, so its line is free before this is stored: the next call need not wait for it. Said again below, for a
        // trunk that counted the attempt in between.
        await Release(outcome, _released == outcome.Attempt ? LineReturn.Unused : ReturnOf(verdict, outcome.TechCause));
        _released = outcome.Attempt;
        // The attempt's times are Asterisk's where it was answered («as Asterisk reports it»); a call of which nothing came has ours.
        var isFirst = await attempts.EndAsync(new AttemptEnd(
            campaign, outcome.Attempt, outcome.AnsweredAt, outcome.EndedAt, verdict, outcome.Cause, outcome.TechCause, outcome.Keys,
            outcome.Operator, outcome.OperatorRequested, decision.State, decision.NextDueAt, progress.Struck, progress.NextNumber,
            progress.RetriesUsed, progress.Setbacks));
        // The next one has another.
        _row = null;
        if (isFirst)
            DialerMetrics.AttemptEnded(verdict, outcome.TrunkKey, lasted);
        LogEnded(outcome.Attempt, verdict, outcome.Cause, lasted);
        // Stored; from here on everything may come twice or never: permits are counted again, and the campaign looks around by itself.
        await Release(outcome, LineReturn.Unused);
        await GrainFactory.GetGrain<ICampaignLines>(outcome.CampaignKey).AttemptEnded(outcome.Attempt, decision.State, decision.NextDueAt);
        DeactivateOnIdle();
    }

    private Task Release(CallOutcome outcome, LineReturn how) =>
        GrainFactory.GetGrain<ITrunkLines>(outcome.TrunkKey).Release(outcome.Attempt.ToString(), how);

    private (int Campaign, long Id) Key
    {
        get
        {
            var (campaign, id) = Interfaces.Keys.Split(this.GetPrimaryKeyString());
            return (int.Parse(campaign), long.Parse(id));
        }
    }

    private static (int Index, string Number)? Choose(ContactOrder order, DateTimeOffset now) =>
        NumberRotation.Pick(Progress(order.Contact)) is { } index
        && CallPermission.Decide(Question(order, order.Contact.Numbers[index], now)).Yes
            ? (index, order.Contact.Numbers[index])
            : null;

    private static CallQuestion Question(ContactOrder order, string number, DateTimeOffset now) => new(
        now, number, TimeZoneInfo.FindSystemTimeZoneById(order.Contact.TimeZone ?? order.Terms.TimeZone),
        new CallingHours(order.Terms.Windows, order.Terms.StartDate, order.Terms.EndDate));

    private async Task<OrderOutcome> PutAway(ContactOrder order, DateTimeOffset now)
    {
        var number = NumberRotation.Pick(Progress(order.Contact));
        var answer = number is { } index ? CallPermission.Decide(Question(order, order.Contact.Numbers[index], now)) : default;
        LogNotCallable(order.Contact.Id, answer.Code ?? "noNumber", answer.NotBefore);
        // Without a moment at which it may be called there is no use in asking again soon; a changed schedule has all contacts asked anew.
        try
        {
            await contacts.ReleaseAsync(
                order.Contact.Campaign, [order.Contact.Id], order.Contact.ClaimEpoch, answer.NotBefore ?? now + TimeSpan.FromHours(1), CancellationToken.None);
            return OrderOutcome.NotCallable;
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            // No call runs, so the line is free in any case.
            LogNotPutAway(order.Contact.Id, e.Message);
            return OrderOutcome.Unknown;
        }
    }

    private async Task<OrderOutcome> Write(ContactOrder order, int numberIndex, string number, DateTimeOffset now)
    {
        using var trace = AttemptTraces.Start("write attempt", order.Attempt);
        try
        {
            var contact = order.Contact;
            var outcome = await attempts.StartAsync(new AttemptStart(
                contact.Campaign, order.Attempt, contact.Id, contact.ClaimEpoch, contact.Generation, contact.Attempts, contact.Name, number, numberIndex,
                order.TrunkKey, order.TrunkEpoch, order.Node, now));
            return outcome switch
            {
                StartOutcome.Started => OrderOutcome.Started,
                StartOutcome.TrunkFenced => OrderOutcome.TrunkFenced,
                _ => OrderOutcome.ContactFenced,
            };
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogNotWritten(order.Attempt, e.Message);
            return OrderOutcome.Unknown;
        }
    }

    private static ContactProgress Progress(ContactRow row) => new(row.Numbers.Length, row.Struck, row.NextNumber, row.RetriesUsed, row.Setbacks);

    private static LineReturn ReturnOf(Verdict verdict, string? sipStatus) => verdict switch
    {
        Verdict.TrunkDown when sipStatus is "401" or "407" => LineReturn.LoginRefused,
        Verdict.TrunkDown => LineReturn.GatewayDown,
        Verdict.Congestion => LineReturn.Congested,
        Verdict.Interrupted or Verdict.Cancelled => LineReturn.Unused,
        _ => LineReturn.Carried,
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "Attempt {Attempt} ended: {Verdict} (cause {Cause}, {Lasted})")]
    private partial void LogEnded(Guid attempt, Verdict verdict, int? cause, TimeSpan lasted);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Contact {Contact} may not be called now: {Reason}, not before {NotBefore}")]
    private partial void LogNotCallable(long contact, string reason, DateTimeOffset? notBefore);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Contact {Contact} may not be called now, which could not be noted: {Reason}")]
    private partial void LogNotPutAway(long contact, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} could not be written, so no call is placed: {Reason}")]
    private partial void LogNotWritten(Guid attempt, string reason);
}
