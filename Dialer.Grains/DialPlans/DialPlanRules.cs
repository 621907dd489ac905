using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;

namespace Dialer.Grains.DialPlans;

/// <summary>What must hold for a dial plan as a whole, and the ways through it.</summary>
public static class DialPlanRules
{
    private const string Keypad = "0123456789*#ABCD";
    private static readonly TimeSpan LongestInput = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestRing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRing = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Everything that is wrong, in the order of the extensions; empty where all is well.</summary>
    /// <param name="plan">Every step by its number.</param>
    /// <param name="audioIds">The tenant's audio.</param>
    /// <param name="operatorIds">The tenant's operators.</param>
    /// <param name="trunkIds">The tenant's trunks.</param>
    public static IReadOnlyList<DialPlanProblem> Check(
        IReadOnlyDictionary<string, Extension> plan,
        IReadOnlySet<string> audioIds,
        IReadOnlySet<string> operatorIds,
        IReadOnlySet<string> trunkIds)
    {
        var problems = new List<DialPlanProblem>();
        foreach (var (number, step) in plan.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (step.GoTo is not null && !plan.ContainsKey(step.GoTo))
            {
                problems.Add(new(number, "goTo",
                    $"It goes to '{step.GoTo}', which does not exist. Create that extension, choose another, or leave it empty to end the call.", true));
            }

            problems.AddRange(CheckStep(number, step, audioIds, operatorIds, trunkIds));
        }

        problems.AddRange(EndlessLoops(plan));
        return problems;
    }

    /// <summary>Where key <paramref name="key"/> leads from <paramref name="number"/>; null where it leads nowhere.</summary>
    public static string? KeyTarget(IReadOnlyDictionary<string, Extension> plan, string number, string key)
    {
        var target = $"{number}*{key}";
        return key.Length == 1 && plan.ContainsKey(target) ? target : null;
    }

    /// <summary>The extensions that a call can come to from <paramref name="entry"/>, itself first, by «go to» and by the keys that are waited for; empty where the entry does not exist.</summary>
    public static IReadOnlyList<string> Reachable(IReadOnlyDictionary<string, Extension> plan, string entry)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Visit(entry);
        for (var i = 0; i < found.Count; i++)
        {
            var step = plan[found[i]];
            Visit(step.GoTo);
            if (step is Playback { WaitForInput: true })
            {
                foreach (var key in Keypad)
                {
                    Visit(KeyTarget(plan, found[i], key.ToString()));
                }
            }
        }

        return found;

        void Visit(string? number)
        {
            if (number is not null && plan.ContainsKey(number) && seen.Add(number))
            {
                found.Add(number);
            }
        }
    }

    /// <summary>
    /// The variables that are spoken on the ways from <paramref name="entry"/> (names ignore case), with how each is said. One that is
    /// said in several ways counts as the first that asks for more than text. Templates that cannot be read are left to <see cref="Check"/>.
    /// </summary>
    public static IReadOnlyDictionary<string, SayType> SpokenVariables(IReadOnlyDictionary<string, Extension> plan, string entry)
    {
        var variables = new Dictionary<string, SayType>(StringComparer.OrdinalIgnoreCase);
        foreach (var say in Reachable(plan, entry).Select(n => plan[n]).OfType<SayText>())
        {
            foreach (var variable in TryParse(say.Text, out _)?.Variables ?? [])
            {
                if (variables.GetValueOrDefault(variable) == SayType.Text)
                {
                    variables[variable] = say.Type;
                }
            }
        }

        return variables;
    }

    private static IEnumerable<DialPlanProblem> CheckStep(
        string number, Extension step, IReadOnlySet<string> audioIds, IReadOnlySet<string> operatorIds, IReadOnlySet<string> trunkIds)
    {
        switch (step)
        {
            case AutoInformer informer:
                return CheckAudio(number, informer.Audio, audioIds);
            case Playback playback:
                return CheckAudio(number, playback.Audio, audioIds)
                    .Concat(CheckDuration(number, "inputTimeout", playback.InputTimeout, TimeSpan.Zero, LongestInput));
            case SayText say when string.IsNullOrWhiteSpace(say.Text):
                return [new(number, "text", "There is no text to say. Write one, for example «[% VAR:BALANCE %] rub».", true)];
            case SayText say:
                return TryParse(say.Text, out var reason) is null
                    ? [new(number, "text", $"The text cannot be read: {reason}", true)]
                    : [];
            case OperatorQueue queue:
                return CheckDuration(number, "ringTimeout", queue.RingTimeout, ShortestRing, LongestRing)
                    .Concat(CheckDuration(number, "maxWait", queue.MaxWait, ShortestRing, LongestWait))
                    .Concat(CheckMembers(number, queue.Members ?? [], operatorIds, trunkIds));
            default:
                return [];
        }
    }

    private static IEnumerable<DialPlanProblem> CheckAudio(string number, string? audio, IReadOnlySet<string> audioIds)
    {
        if (string.IsNullOrEmpty(audio))
        {
            yield return new(number, "audio", "It has no audio to play. Choose one.", true);
        }
        else if (!audioIds.Contains(audio))
        {
            yield return new(number, "audio", $"There is no audio '{audio}'. Upload or record it under that name, or choose another.", true);
        }
    }

    private static IEnumerable<DialPlanProblem> CheckDuration(string number, string field, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            yield return new(number, field, $"It is {value:c}. Choose {least:c} to {most:c}.", true);
        }
    }

    private static IEnumerable<DialPlanProblem> CheckMembers(
        string number, IReadOnlyList<QueueMember> members, IReadOnlySet<string> operatorIds, IReadOnlySet<string> trunkIds)
    {
        if (members.Count == 0)
        {
            yield return new(number, "members", "The queue has nobody to ring. Add an operator, or a number with its trunk.", true);
        }

        for (var i = 0; i < members.Count; i++)
        {
            var (field, member) = ($"members[{i}]", members[i]);
            if (string.IsNullOrEmpty(member.Operator) == string.IsNullOrEmpty(member.Number))
            {
                yield return new(number, field, "A member is either an operator or a number with its trunk. Give exactly one of the two.", true);
            }
            else if (!string.IsNullOrEmpty(member.Operator))
            {
                if (!operatorIds.Contains(member.Operator))
                {
                    yield return new(number, $"{field}.operator", $"There is no operator '{member.Operator}' yet; nobody is rung there until you create it.", false);
                }
            }
            else
            {
                if (!CallPermission.IsSafe(member.Number!))
                {
                    yield return new(number, $"{field}.number", "A number is digits, * and #, with an optional leading +. Remove everything else.", true);
                }

                if (string.IsNullOrEmpty(member.Trunk))
                {
                    yield return new(number, $"{field}.trunk", "A number is rung through a trunk. Name the trunk.", true);
                }
                else if (!trunkIds.Contains(member.Trunk))
                {
                    yield return new(number, $"{field}.trunk", $"There is no trunk '{member.Trunk}' yet; this number is not rung until you create it.", false);
                }
            }
        }
    }

    // Each step has one «go to», so that from any step there is one way, which either ends or closes into one loop.
    private static IEnumerable<DialPlanProblem> EndlessLoops(IReadOnlyDictionary<string, Extension> plan)
    {
        var settled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in plan.Keys.Order(StringComparer.Ordinal))
        {
            var way = new List<string>();
            var at = start;
            while (at is not null && plan.TryGetValue(at, out var step) && !WaitsForSomebody(step) && settled.Add(at))
            {
                way.Add(at);
                at = step.GoTo;
            }

            var loop = at is null ? -1 : way.IndexOf(at);
            if (loop >= 0)
            {
                yield return new(way[loop], "goTo",
                    $"The steps {string.Join(" → ", way.Skip(loop))} → {at} repeat for ever. End one of them, or put a playback that waits for a key into the loop.", true);
            }
        }
    }

    private static bool WaitsForSomebody(Extension step) => step is OperatorQueue or Playback { WaitForInput: true };

    private static Template? TryParse(string text, out string? reason)
    {
        try
        {
            reason = null;
            return Template.Parse(text);
        }
        catch (TemplateException e)
        {
            reason = e.Message;
            return null;
        }
    }
}
