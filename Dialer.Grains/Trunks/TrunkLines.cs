namespace Dialer.Grains.Trunks;

/// <summary>
/// The lines of one trunk in memory: who uses which, who wants more. Pure bookkeeping without I/O, so that its rules (never more
/// than the lines, never more of a campaign than its share) can be tested by themselves.
/// </summary>
public sealed class TrunkLines
{
    private readonly Dictionary<string, Use> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _inUse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LineRequest> _requests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lastGranted = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Leg, string Call)> _operators = new();
    private long _grants;

    private readonly record struct Use(string? Campaign, DateTimeOffset Since);

    /// <summary>Lines in use, operators' mobiles among them.</summary>
    public int InUse => _uses.Count;

    /// <summary>Lines of operators' mobiles.</summary>
    public int OperatorLines => _uses.Values.Count(u => u.Campaign is null);

    /// <summary>Whether anybody waits for a line.</summary>
    public bool AnyWanted => _operators.Count > 0 || _requests.Values.Any(r => r.Wanted > 0 && InUseOf(r.CampaignKey) < r.Share);

    /// <summary>The one silo from which all campaigns that want lines ask; null where they ask from several, nobody asks, or an operator waits.</summary>
    public SiloAddress? AskedFrom => _operators.Count == 0 && _requests.Values.Select(r => r.From).Distinct().ToList() is [{ } silo] ? silo : null;

    /// <summary>Lines in use by campaign.</summary>
    public IReadOnlyDictionary<string, int> ByCampaign => _inUse;

    /// <summary>Puts what is written as in flight in the place of everything known.</summary>
    public void Reset(IReadOnlyDictionary<string, string?> open, DateTimeOffset now)
    {
        _uses.Clear();
        _inUse.Clear();
        foreach (var (id, campaign) in open)
            Take(id, campaign, now);
    }

    /// <summary>Replaces what a campaign wants.</summary>
    public void Request(LineRequest request)
    {
        if (request.Wanted <= 0)
            _requests.Remove(request.CampaignKey);
        else
            _requests[request.CampaignKey] = request;
    }

    /// <summary>An operator's mobile waits for a line, ahead of every campaign.</summary>
    public void RequestForOperator(string leg, string call)
    {
        if (!_uses.ContainsKey(leg) && _operators.All(o => o.Leg != leg))
            _operators.AddLast((leg, call));
    }

    /// <summary>Takes a free line for the operator who waits longest; null where none waits or none is free.</summary>
    public (string Leg, string Call)? GrantToOperator(int lines, DateTimeOffset now)
    {
        if (_operators.First is not { } first || _uses.Count >= lines)
            return null;
        _operators.RemoveFirst();
        Take(first.Value.Leg, null, now);
        return first.Value;
    }

    /// <summary>Takes a free line for the campaign whose turn it is; null where none wants one or none is free.</summary>
    public (string Campaign, Guid Permit)? GrantToCampaign(int lines, DateTimeOffset now)
    {
        if (_uses.Count >= lines || _requests.Count == 0)
            return null;
        var next = LineShares.Next(_requests.Values.Select(r => new LineDemand(
            r.CampaignKey, r.Priority, InUseOf(r.CampaignKey), r.Share, r.Wanted, _lastGranted.GetValueOrDefault(r.CampaignKey))));
        if (next is null)
            return null;
        var permit = Guid.CreateVersion7(now);
        Take(permit.ToString(), next, now);
        _lastGranted[next] = ++_grants;
        Request(_requests[next] with { Wanted = _requests[next].Wanted - 1 });
        return (next, permit);
    }

    /// <summary>Gives a line back, or withdraws the wish for one; false where it was neither in use nor wished for.</summary>
    public bool Release(string id)
    {
        if (_uses.Remove(id, out var use))
        {
            if (use.Campaign is { } campaign && --_inUse[campaign] == 0)
                _inUse.Remove(campaign);
            return true;
        }

        for (var waiting = _operators.First; waiting is not null; waiting = waiting.Next)
            if (waiting.Value.Leg == id)
            {
                _operators.Remove(waiting);
                return true;
            }

        return false;
    }

    /// <summary>Lines taken before <paramref name="before"/>.</summary>
    public IEnumerable<string> TakenBefore(DateTimeOffset before) => _uses.Where(u => u.Value.Since < before).Select(u => u.Key);

    private int InUseOf(string campaign) => _inUse.GetValueOrDefault(campaign);

    private void Take(string id, string? campaign, DateTimeOffset now)
    {
        if (_uses.TryAdd(id, new Use(campaign, now)) && campaign is not null)
            _inUse[campaign] = InUseOf(campaign) + 1;
    }
}
