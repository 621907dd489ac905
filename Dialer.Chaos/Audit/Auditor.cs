using System.Globalization;

namespace Dialer.Chaos.Audit;

/// <summary>Holds the network's own log of who was called when against attempts and contacts, row by row. Pure.</summary>
internal sealed class Auditor(Evidence evidence)
{
    // The network writes a call down when it has handled our INVITE or BYE, some time after we sent it.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(0.5);

    // The plan's seconds are counted by the silo, the call's by the network.
    private static readonly TimeSpan Roughly = TimeSpan.FromSeconds(0.7);

    // An attempt that something broke ended when its call was last known of; it may have begun a moment later.
    private static readonly TimeSpan LastKnown = TimeSpan.FromSeconds(5);

    // A node whose grain moves to another silo, as it does when one has joined, is deaf for a moment; damage then keeps it so.
    private static readonly TimeSpan Moving = TimeSpan.FromSeconds(3);

    // A node works a 180 off within this time, however busy the machine is.
    private static readonly TimeSpan SurelyHeard = TimeSpan.FromSeconds(3);

    // Calls that were decided at the last moment of the hours still begin.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly List<string> _findings = [];
    private readonly Dictionary<NetworkCallRow, AttemptRow> _attemptOf = new(ReferenceEqualityComparer.Instance);

    public static Figures Audit(Evidence evidence) => new Auditor(evidence).Run();

    private Figures Run()
    {
        var calls = evidence.Calls.Where(call => evidence.People.ContainsKey(call.Number)).ToList();
        var attemptsOf = evidence.Attempts.ToLookup(attempt => attempt.Number, StringComparer.Ordinal);
        var callsOf = calls.ToLookup(call => call.Number, StringComparer.Ordinal);
        var contacts = evidence.Contacts.ToDictionary(contact => contact.Number, StringComparer.Ordinal);
        int twice = 0, forgotten = 0, never = 0, wrong = 0, keysLost = 0, again = 0, recorded = 0, unheard = 0;
        foreach (var person in evidence.People.Values)
        {
            var attempts = attemptsOf[person.Number].OrderBy(attempt => attempt.StartedAt).ToList();
            var own = callsOf[person.Number].OrderBy(call => call.StartedAt).ToList();
            var (extra, pairs) = Match(attempts, own);
            foreach (var (attempt, call) in pairs)
                if (call is not null)
                    _attemptOf[call] = attempt;
            again += own.SkipLast(1).Any(call => call.Carried >= CampaignPlan.Minimum) ? 1 : 0;
            // A story reads all rows.
            twice += extra > 0 ? Count(extra, $"called twice: {person.Name}, {person.Behaviour}{Story(person.Number)}") : 0;
            never += Count(pairs.Count(p => p.Call is null && SaysCalled(p.Attempt)), $"no call for an attempt of {person.Name}, {person.Behaviour}");
            wrong += pairs.Sum(p => p.Call is { } call && Contradiction(p.Attempt, call, Deaf(call)) is { } what ? Count(1, $"{what}: {person.Name}, {person.Behaviour}") : 0);
            foreach (var call in pairs.Where(p => p.Attempt.Verdict == "success").Select(p => p.Call).OfType<NetworkCallRow>().Where(IsRecorded))
            {
                recorded++;
                unheard += Count(call.Heard < CampaignPlan.Greeting / 2 ? 1 : 0, string.Create(
                    CultureInfo.InvariantCulture, $"heard {call.Heard!.Value.TotalSeconds:0.0} s of the greeting at {call.EndedAt:HH:mm:ss.f}: {person.Name}"));
            }

            keysLost += pairs.Count(p => person.Behaviour == Behaviour.WantsAnOperator && p.Attempt is { Verdict: "success", Operator: null });
            var contact = contacts.GetValueOrDefault(person.Number);
            if (contact is not { State: "done" or "failed" } || attempts.Count == 0)
                forgotten += Count(1, $"forgotten: {person.Name}, {person.Behaviour}, {contact?.State ?? "no contact"}, {attempts.Count} attempts");
            else if (Misled(person, contact, attempts, own, pairs.Count(p => p.Attempt.Verdict == "tooShort" && p.Call is { } call && Deaf(call) > TimeSpan.Zero)) is { } misled)
                wrong += Count(1, $"{misled}: {person.Name}, {person.Behaviour}{Story(person.Number)}");
        }

        var (times, by) = CapExceeded();
        var (cut, continued, gap, lost) = Talking(calls);
        return new Figures
        {
            Contacts = evidence.Contacts.Count,
            CallsSeen = calls.Count,
            Attempts = evidence.Attempts.Count,
            Interrupted = evidence.Attempts.Count(IsBroken),
            LongestPause = LongestPause(calls),
            LongestSilence = calls.Select(Silence).DefaultIfEmpty().Max(),
            CalledTwice = twice,
            Forgotten = forgotten,
            NeverCalled = never,
            Wrong = wrong,
            OutOfHours = calls.Sum(call => evidence.Strikes.Any(s => s.IsClosed && call.CalledAt > s.From + Grace && call.CalledAt < s.To - Skew)
                ? Count(1, string.Create(CultureInfo.InvariantCulture, $"called out of hours at {call.CalledAt:HH:mm:ss.f}: {evidence.People[call.Number].Name}")) : 0),
            CapExceeded = times,
            CapExceededBy = by,
            TalkingCut = cut,
            Recorded = recorded,
            Unheard = unheard,
            TalkingContinued = continued,
            PickedUpInGap = gap,
            LostWithNode = lost,
            HeardAndCalledAgain = again,
            KeysLost = keysLost,
            Findings = _findings,
        };
    }

    private int Count(int count, string finding)
    {
        if (count > 0)
            _findings.Add(finding);
        return count;
    }

    /// <summary>
    /// Gives each call the attempt that it can belong to: it began while that attempt was open. Attempts that had no call (the damage
    /// was faster) are passed over. A call without an attempt is one too many.
    /// </summary>
    private static (int Extra, List<(AttemptRow Attempt, NetworkCallRow? Call)> Pairs) Match(List<AttemptRow> attempts, List<NetworkCallRow> calls)
    {
        var pairs = attempts.Select(attempt => (Attempt: attempt, Call: (NetworkCallRow?)null)).ToList();
        var extra = 0;
        foreach (var call in calls)
        {
            var at = pairs.FindIndex(p => p.Call is null && call.StartedAt >= p.Attempt.StartedAt - Skew
                && (p.Attempt.EndedAt is not { } ended || call.StartedAt <= ended + (IsBroken(p.Attempt) ? LastKnown : Skew)));
            if (at < 0)
                extra++;
            else
                pairs[at] = (pairs[at].Attempt, call);
        }

        return (extra, pairs);
    }

    private static bool IsBroken(AttemptRow attempt) => attempt.Verdict is "interrupted" or "trunkDown" or "congestion";

    /// <summary>What the one side and the other know of a number, for whoever looks into it.</summary>
    private string Story(string number) => string.Concat(
        evidence.Attempts.Where(a => a.Number == number).Select(a => string.Create(
            CultureInfo.InvariantCulture, $"; attempt {a.StartedAt:HH:mm:ss.f} to {a.EndedAt:HH:mm:ss.f} {a.Verdict}"))
        .Concat(evidence.Calls.Where(c => c.Number == number).Select(c => string.Create(
            CultureInfo.InvariantCulture, $"; call {c.StartedAt:HH:mm:ss.f} to {c.EndedAt:HH:mm:ss.f}"))));

    private static bool SaysCalled(AttemptRow attempt) => attempt.AnsweredAt is not null
        || attempt.Verdict is "success" or "tooShort" or "busy" or "noAnswer" or "invalidNumber" or "rejected";

    private IEnumerable<Strike> GapsAt(DateTimeOffset answered, Func<Strike, DateTimeOffset?> until) =>
        evidence.Strikes.Where(s => s.SocketGap && answered >= s.From - Moving && answered <= until(s));

    /// <summary>How long at most nobody spoke to somebody who picked up while the event socket of his node was lost.</summary>
    private TimeSpan Deaf(NetworkCallRow call) => call.AnsweredAt is not { } answered
        ? TimeSpan.Zero
        : GapsAt(answered, s => s.To + Skew)
            .Select(s => (s.To < call.EndedAt ? s.To : call.EndedAt) - answered + Skew).DefaultIfEmpty().Max();

    /// <param name="deaf">How much of it may not count: nobody spoke.</param>
    private static string? Contradiction(AttemptRow attempt, NetworkCallRow call, TimeSpan deaf) => attempt.Verdict switch
    {
        "success" when call.Carried < CampaignPlan.Minimum - Skew => Of("success after", call.Carried),
        "tooShort" when call.Carried - deaf > CampaignPlan.Minimum + Skew => Of("too short after", call.Carried),
        "busy" or "noAnswer" or "invalidNumber" or "rejected" when call.AnsweredAt is not null => $"{attempt.Verdict}, though it was answered",
        // A gateway that is taken for silent rests, and its lines with it.
        "trunkDown" when call.Sip is { RangAt: { } rang, FreedAt: { } freed } && freed - rang > SurelyHeard => Of("trunkDown, though it had rung for", freed - rang),
        null => "an attempt without an end",
        _ => null,
    };

    private static string Of(string what, TimeSpan lasted) => string.Create(CultureInfo.InvariantCulture, $"{what} {lasted.TotalSeconds:0.0} s");

    /// <summary>What is wrong with where somebody ended up, if anything is.</summary>
    /// <param name="shortened">Attempts that were too short because they began with a gap in which nobody spoke.</param>
    private static string? Misled(Person person, ContactRow contact, List<AttemptRow> attempts, List<NetworkCallRow> calls, int shortened)
    {
        var used = attempts.Count(attempt => !IsBroken(attempt)) - (person.Behaviour is Behaviour.HangsUpEarly ? 0 : shortened);
        var (state, most) = person.Behaviour switch
        {
            Behaviour.Listens or Behaviour.WantsAnOperator => ("done", 1),
            // The first busy is the network's to count: it may have been met by an attempt that was then interrupted.
            Behaviour.IsBusyOnce => ("done", 2),
            Behaviour.HasNoSuchNumber => ("failed", 1),
            // Whose network stood still when they were to hang up have listened.
            Behaviour.HangsUpEarly when calls.Any(call => call.Carried >= CampaignPlan.Minimum - Skew) => (contact.State, used),
            _ => ("failed", 1 + CampaignPlan.Retries),
        };
        var least = person.Behaviour is Behaviour.IsBusyOnce ? 1 : most;
        return contact.State != state ? $"{contact.State} instead of {state}"
            : used < least || used > most ? $"{used} counted attempts instead of {most}"
            : contact.Attempts != attempts.Count ? $"{contact.Attempts} attempts in the contact, {attempts.Count} rows"
            : null;
    }

    private (int Times, int By) CapExceeded()
    {
        var changes = evidence.Calls
            .SelectMany(call => new[] { (At: call.CalledAt, Change: 1), (At: call.FreedAt, Change: -1) })
            .OrderBy(change => change.At).ThenBy(change => change.Change);
        int inUse = 0, times = 0, by = 0;
        foreach (var (at, change) in changes)
        {
            inUse += change;
            if (change > 0 && inUse > evidence.Lines)
            {
                (times, by) = (times + 1, Math.Max(by, inUse - evidence.Lines));
                _findings.Add(string.Create(CultureInfo.InvariantCulture, $"{inUse} calls at once on {evidence.Lines} lines at {at:HH:mm:ss.f}"));
            }
        }

        return (times, by);
    }

    /// <summary>Whoever came to an operator, or to the queue, stays until one of the two hangs up. A key that was pressed into a gap leads nowhere.</summary>
    private bool WentToOperator(NetworkCallRow call) => _attemptOf.GetValueOrDefault(call) is { } attempt
        && (attempt.Operator is not null || (attempt.Keys?.Contains('1', StringComparison.Ordinal) == true && !PressedIntoGap(call)));

    // Nodes also move when a silo that was started again has joined: the cluster is not whole until they have.
    private bool PressedIntoGap(NetworkCallRow call) => Deaf(call) > TimeSpan.Zero
        || (call.AnsweredAt is { } answered && GapsAt(answered, s => s.WholeAt).Any());

    /// <summary>How much longer than the plan somebody who listens was held, not counting the longest damage meanwhile: nobody spoke, or nobody hung up.</summary>
    private TimeSpan Silence(NetworkCallRow call)
    {
        if (call.AnsweredAt is not { } answered || EndedBy(call) is not null || WentToOperator(call)
            || People.BehaviourOf(call.Number) is not (Behaviour.Listens or Behaviour.IsBusyOnce))
            return TimeSpan.Zero;
        return call.Carried - CampaignPlan.Length - Longest(evidence.Strikes, answered, call.FreedAt);
    }

    /// <summary>How much of that time the longest of these took.</summary>
    private static TimeSpan Longest(IEnumerable<Strike> strikes, DateTimeOffset from, DateTimeOffset to) => strikes.Where(s => s.From < to && s.To > from)
        .Select(s => (s.To < to ? s.To : to) - (s.From > from ? s.From : from)).DefaultIfEmpty().Max();

    private (int Cut, int Continued, int PickedUpInGap, int LostWithNode) Talking(List<NetworkCallRow> calls)
    {
        int cut = 0, continued = 0, gap = 0, lost = 0;
        foreach (var call in calls)
        {
            if (EndedBy(call) is not null)
            {
                lost++;
                continue;
            }

            if (call.AnsweredAt is not { } answered)
                continue;
            // We hang up when the plan is over; of all others the network counts the seconds.
            var (lasted, length) = People.BehaviourOf(call.Number) is Behaviour.HangsUpEarly ? (call.Lasted, CampaignPlan.Early)
                : WentToOperator(call) ? (call.Lasted, CampaignPlan.WithOperator)
                : (call.Carried, CampaignPlan.Length);
            var properly = lasted >= length - Roughly;
            if (properly && Deaf(call) > TimeSpan.Zero)
                gap++;
            if (!properly)
                cut += Count(1, string.Create(
                    CultureInfo.InvariantCulture, $"cut after {lasted.TotalSeconds:0.0} s at {call.EndedAt:HH:mm:ss.f}: {evidence.People[call.Number].Name}, {evidence.People[call.Number].Behaviour}"));
            else if (evidence.Strikes.Any(strike => answered < strike.From && call.EndedAt > strike.From))
                continued++;
        }

        return (cut, continued, gap, lost);
    }

    // Who had heard enough when the node died counts as reached, but of the recording's end nobody can say anything.
    private bool IsRecorded(NetworkCallRow call) => call.Heard is not null && EndedBy(call) is null;

    // The strike that killed the node of a call which was up then; not of one that the same person got later.
    private Strike? EndedBy(NetworkCallRow call) => evidence.Strikes.FirstOrDefault(strike => strike.CutNumbers.Contains(call.Number)
        && call.CalledAt <= strike.From + Skew && call.EndedAt >= strike.From - Skew && call.EndedAt <= strike.To + Skew);

    /// <summary>Longest time with a free line and without a new call, while somebody was still to be called for the first time.</summary>
    private TimeSpan LongestPause(List<NetworkCallRow> calls)
    {
        if (calls.Count == 0)
            return TimeSpan.Zero;
        var firsts = calls.GroupBy(call => call.Number, StringComparer.Ordinal)
            .Select(own => (evidence.People[own.Key].AddedAt, CalledAt: own.Min(call => call.StartedAt))).OrderBy(first => first.CalledAt).ToList();
        var last = firsts[^1].CalledAt;
        // For each of them, when the first of those was added who were called then or later.
        var added = firsts.Select(first => first.AddedAt).ToArray();
        for (var i = added.Length - 2; i >= 0; i--)
            added[i] = added[i] < added[i + 1] ? added[i] : added[i + 1];
        var changes = evidence.Calls.SelectMany(call => new[] { (At: call.StartedAt, Change: 1), (At: FreedAt(call), Change: -1) })
            .Where(change => change.At <= last).OrderBy(change => change.At).ThenBy(change => change.Change);
        var (inUse, next, longest) = (0, 0, TimeSpan.Zero);
        DateTimeOffset? idleSince = null;
        foreach (var (at, change) in changes)
        {
            inUse += change;
            if (change < 0)
                idleSince ??= at;
            else
            {
                while (firsts[next].CalledAt < at)
                    next++;
                // Only a pause in which somebody was there to be called is one.
                if (idleSince is { } since && Pause(added[next] > since ? added[next] : since, at) is var pause && pause > longest)
                    longest = pause;
                idleSince = inUse < evidence.Lines ? at : null;
            }
        }

        return longest;

        DateTimeOffset FreedAt(NetworkCallRow call) => EndedBy(call)?.NodeAgainAt is { } again && again > call.EndedAt ? again : call.EndedAt;

        TimeSpan Pause(DateTimeOffset from, DateTimeOffset to) => to - from - Longest(evidence.Strikes.Where(s => s.NobodyCanDial), from, to);
    }
}
