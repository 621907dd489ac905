using System.Diagnostics;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Dialer.Storage.Database;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Campaigns;

/// <summary>
/// The pump. A small buffer of claimed contacts stands ready, every trunk knows how many lines the campaign could use, and a granted
/// line takes the next contact at once. Event-driven: a grant, an ended attempt, a new list; the tick is a safety net.
/// </summary>
public sealed partial class CampaignGrain
{
    // Longer than a silo that was declared dead goes on when it wakes (3.5 s, measured): one that came back in there would take the place
    // of the owner that has followed it, only to die.
    private static readonly TimeSpan BeforeAnew = TimeSpan.FromSeconds(5);

    // Contacts also become due without an event: by a list that replaced a person who was being called, or by reconciliation.
    private static readonly TimeSpan SlowPoll = TimeSpan.FromSeconds(15);

    // Lost with the activation: claims fall back to due, attempts are found by their nodes.
    private readonly Queue<ContactRow> _buffer = new();
    private readonly HashSet<long> _uncertain = [];
    private readonly HashSet<Task> _runs = [];
    private DateTimeOffset? _nextDue = DateTimeOffset.MinValue;
    private DateTimeOffset _lookedAt;
    private DateTimeOffset _claimedAt;
    private int _ahead;
    private IGrainTimer? _ticker;
    private bool _pumping;
    private bool _pumpAgain;
    // Whatever of it still runs gives back what it has: Orleans refuses it its state and its own factory of grains by then.
    private bool _gone;
    private bool _wanting;
    // By trunk: what it was asked for and has not granted yet, as far as this campaign knows.
    private readonly Dictionary<string, int> _asked = new(StringComparer.Ordinal);
    private bool _claimsUnknown;
    private DateTimeOffset? _withoutPlaceSince;

    public async Task Granted(LineGrant grant)
    {
        _asked[grant.TrunkKey] = _asked.GetValueOrDefault(grant.TrunkKey) - grant.Permits.Count;
        var isGivenUp = !_gone && !Uses(grant.TrunkKey);
        foreach (var permit in grant.Permits)
            if (MayDial() && !isGivenUp && _buffer.TryDequeue(out var contact))
                Follow(Run(contact, permit, grant)).Ignore();
            else
                await GiveBack(permit, grant);
        // Which the trunk has not heard.
        if (isGivenUp)
            await WantNothingOf(grant.TrunkKey);
        await Pump();
    }

    private async Task Follow(Task run)
    {
        _runs.Add(run);
        try
        {
            await run;
        }
        finally
        {
            _runs.Remove(run);
        }
    }

    public Task AttemptEnded(Guid attempt, ContactState contact, DateTimeOffset? nextDueAt)
    {
        if (contact == ContactState.Waiting && nextDueAt is { } due && (_nextDue is null || due < _nextDue))
            _nextDue = due;
        _changed = true;
        return Pump();
    }

    private bool MayDial() =>
        !_gone && Settings is { } settings && _epoch > 0 && _planProblems.Count == 0 && !SpeechFails && CampaignGates.Time(settings, _zone, time.GetUtcNow()).Count == 0;

    private Task LookAround()
    {
        _changed = true;
        _asked.Clear();
        return Pump();
    }

    private async Task Pump()
    {
        _pumpAgain = true;
        if (_pumping || _gone)
            return;
        _pumping = true;
        try
        {
            while (_pumpAgain)
            {
                _pumpAgain = false;
                await PumpOnce();
            }
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException || GrainCalls.WentUnanswered(e))
        {
            // The tick comes back to it.
            LogPump(Key, e.Message);
        }
        finally
        {
            _pumping = false;
        }
    }

    private async Task PumpOnce()
    {
        if (!MayDial() || nodes.WhyNone() is not null)
        {
            await WantNothing();
            return;
        }

        await Claim();
        if (_buffer.Count == 0 && !_wanting)
            return;
        _wanting = _buffer.Count > 0;
        foreach (var share in Settings!.Trunks)
        {
            // A trunk counts down what was asked for with each grant. As long as it has half of what is here left to grant, it need not
            // be told again after each call; the tick tells it in any case.
            var (trunk, wanted) = (TrunkKey(share), _buffer.Count);
            if (_asked.TryGetValue(trunk, out var left) && left <= wanted && 2 * left >= wanted && left > 0)
                continue;
            _asked[trunk] = wanted;
            await GrainFactory.GetGrain<ITrunkLines>(trunk).Request(new LineRequest(Key, share.Lines, Settings.Priority, wanted, silo.SiloAddress, _epoch));
        }
    }

    private async Task Claim()
    {
        // Filled up when half is gone: not a statement for each contact, and yet one for every line even if all calls end at once.
        var lines = Settings!.Trunks.Sum(t => t.Lines);
        var now = time.GetUtcNow();
        if (_buffer.Count > _ahead / 2 || lines == 0 || _nextDue is null || _nextDue > now)
            return;
        _ahead = ClaimAhead.Next(_ahead, lines, now - _claimedAt);
        var (wanted, epoch) = (_ahead - _buffer.Count, _epoch);
        List<ContactRow>? claimed;
        try
        {
            claimed = await contacts.ClaimAsync(_number, Key, epoch, now, wanted, CancellationToken.None);
        }
        catch (Npgsql.NpgsqlException)
        {
            // Its answer may be what was lost: then contacts are claimed that nobody knows of.
            _claimsUnknown = true;
            throw;
        }

        if (claimed is null)
        {
            // Unless it has taken the next epoch itself meanwhile.
            if (epoch == _epoch)
                LosePlace();
            return;
        }

        // From here on, not from its beginning: a database that is slow must not look like contacts that last long.
        _claimedAt = time.GetUtcNow();
        foreach (var contact in claimed)
            _buffer.Enqueue(contact);
        if (claimed.Count < wanted)
        {
            // A contact that became due in between has its own event, so nothing earlier than this is missed.
            var next = await contacts.NextDueAsync(_number, CancellationToken.None);
            _nextDue = next is { } due && due <= now ? now + Tick : next;
        }
    }

    private async Task WantNothing()
    {
        if (_wanting)
        {
            _wanting = false;
            _asked.Clear();
            foreach (var share in Settings?.Trunks ?? [])
                await WantNothingOf(TrunkKey(share));
        }

        await GiveBack(CancellationToken.None);
    }

    private Task WantNothingOf(string trunkKey)
    {
        _asked.Remove(trunkKey);
        return grains.GetGrain<ITrunkLines>(trunkKey).Request(new LineRequest(Key, 0, 0, 0));
    }

    private async Task GiveBack(CancellationToken cancellationToken)
    {
        if (_buffer.Count == 0)
            return;
        var ids = _buffer.Select(c => c.Id).ToList();
        _buffer.Clear();
        await GiveBack(ids, cancellationToken);
    }

    private async Task GiveBack(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        try
        {
            await contacts.ReleaseAsync(_number, ids, _epoch, notBefore: null, cancellationToken);
            // Now, not before: a claim in between may have found nobody.
            _nextDue = DateTimeOffset.MinValue;
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            _uncertain.UnionWith(ids);
            LogPump(Key, e.Message);
        }
    }

    private async Task Run(ContactRow contact, Guid permit, LineGrant grant)
    {
        while (nodes.Take(grant.Unreachable) is { } node)
        {
            var outcome = await Try(contact, node, permit, grant);
            if (outcome == OrderOutcome.Started)
            {
                _changed = true;
                return;
            }

            if (outcome is null)
            {
                // The call may be running, so its line is not free: its end gives it back, or the trunk's sweep finds that none came of it.
                _uncertain.Add(contact.Id);
                return;
            }

            nodes.Left(node);
            if (outcome == OrderOutcome.TrunkFenced)
            {
                _buffer.Enqueue(contact);
                await grains.GetGrain<ITrunkLines>(grant.TrunkKey).Recount(grant.Epoch);
            }
            else if (outcome is OrderOutcome.ContactFenced or OrderOutcome.Unknown)
                // Changed by a newer list while it was in the buffer, or perhaps written: given back, it is claimed again as it is now.
                _uncertain.Add(contact.Id);
            if (outcome is OrderOutcome.NotCallable or OrderOutcome.ContactFenced && MayDial() && _buffer.TryDequeue(out contact!))
                continue;
            await GiveBack(permit, grant);
            await Pump();
            return;
        }

        _buffer.Enqueue(contact);
        await GiveBack(permit, grant);
    }

    private Task GiveBack(Guid permit, LineGrant grant) => grains.GetGrain<ITrunkLines>(grant.TrunkKey).Release(permit.ToString(), LineReturn.Unused);

    /// <summary>Null where no answer came, and a call may be running.</summary>
    private async Task<OrderOutcome?> Try(ContactRow contact, string node, Guid permit, LineGrant grant)
    {
        using var trace = StartTrace(contact, node, permit, grant);
        try
        {
            return await GrainFactory.GetGrain<IContactGrain>($"{_number}/{contact.Id}").Call(new ContactOrder(
                contact, permit, grant.TrunkKey, grant.Epoch, node, grant.CallerId, _terms!, _script!, Key));
        }
        // Its silo died or its call hangs: whether an attempt was written is unknown. If so, its node closes it; if not, the tick frees the claim.
        catch (Exception e)
        {
            DialerMetrics.GrainCallFailed("start");
            LogContact(Key, contact.Id, e.Message);
            return null;
        }
    }

    private Activity? StartTrace(ContactRow contact, string node, Guid permit, LineGrant grant)
    {
        var trace = AttemptTraces.Start("attempt", permit, since: contact.Claim?.Began)
            ?.SetTag("dialer.campaign", Key).SetTag("dialer.trunk", grant.TrunkKey).SetTag("dialer.node", node);
        if (trace is not null && contact.Claim is { } claim)
        {
            AttemptTraces.Record("claim", permit, trace.Context, claim.Began, claim.Ended);
            AttemptTraces.Record("wait for a line", permit, trace.Context, claim.Ended, TimeProvider.System.GetUtcNow());
        }

        return trace;
    }

    private bool Uses(string trunkKey) => Settings?.Trunks.Any(share => TrunkKey(share) == trunkKey) == true;

    private void StartTicking() => _ticker ??= this.RegisterGrainTimer(
        OnTick, new GrainTimerCreationOptions(Tick, Tick) { Interleave = true, KeepAlive = Settings!.Enabled });

    private async Task OnTick(CancellationToken cancellationToken)
    {
        if (_lastCommand.IsCompleted && homes.Elsewhere(this.GetGrainId()) is { } home)
        {
            MoveTo(home);
            return;
        }

        try
        {
            LeaveWithoutPlace(time.GetUtcNow());
            if (SpeechFails)
                speech.TryAgainAsync().Ignore();
            if (_claimsUnknown)
                await OwnAnew(cancellationToken);
            if (_uncertain.Count > 0)
            {
                // What becomes uncertain from here on, perhaps once more, waits for the next tick.
                var ids = _uncertain.ToList();
                _uncertain.Clear();
                await GiveBack(ids, cancellationToken);
            }

            if (time.GetUtcNow() - _lookedAt > SlowPoll)
            {
                await LookForDue(cancellationToken);
                Revise().Ignore();
                await LookForPlan();
            }

            _asked.Clear();
            await Pump();
            await Publish();
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException || GrainCalls.WentUnanswered(e))
        {
            LogPump(Key, e.Message);
        }
    }

    private async Task LookForDue(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        _lookedAt = now;
        if (!MayDial())
            // To be looked for when the hours open; nobody asks the database until then.
            _nextDue = DateTimeOffset.MinValue;
        // Asked for rather than claimed: a claim locks rows, so that even one that brings nothing is a write.
        else if ((_nextDue is null || _nextDue > now) && await contacts.NextDueAsync(_number, cancellationToken) is { } due && (_nextDue is null || due < _nextDue))
            _nextDue = due;
    }

    // What was claimed under the epoch before is due again, known or not; orders on their way with it are refused.
    private async Task OwnAnew(CancellationToken cancellationToken)
    {
        _buffer.Clear();
        if (await owners.RenewAsync(Owners.Campaign, Key, _epoch, cancellationToken) is not { } epoch)
        {
            LosePlace();
            return;
        }

        _epoch = epoch;
        await Recover(epoch, cancellationToken);
        (_claimsUnknown, _nextDue) = (false, DateTimeOffset.MinValue);
    }

    // Another activation took the place, or took it here and the answer was lost. The other one may be gone by now: a silo that was declared
    // dead, and woke just long enough. To stay would be to find nobody for ever, while people wait.
    private void LosePlace()
    {
        LogPlaceLost(Key, _epoch);
        (_epoch, _claimsUnknown) = (0, false);
        _buffer.Clear();
    }

    // Whoever comes next begins anew, with the next epoch: also where a new campaign's first one could not be had.
    private void LeaveWithoutPlace(DateTimeOffset now)
    {
        if (_epoch > 0)
            _withoutPlaceSince = null;
        else if (now - (_withoutPlaceSince ??= now) >= BeforeAnew)
            DeactivateOnIdle();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Campaign {Campaign} pauses for a moment: {Reason}")]
    private partial void LogPump(string campaign, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Campaign {Campaign}: an owner came after epoch {Epoch}; if it is here still in a moment, it begins anew")]
    private partial void LogPlaceLost(string campaign, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Campaign {Campaign}: whether contact {Contact} is being called is unknown: {Reason}")]
    private partial void LogContact(string campaign, long contact, string reason);
}
