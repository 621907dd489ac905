namespace Dialer.Grains.Trunks;

/// <summary>A campaign that asks a trunk for lines.</summary>
/// <param name="Campaign">Its id.</param>
/// <param name="Priority">The higher one goes first.</param>
/// <param name="InUse">Lines of this trunk that it holds.</param>
/// <param name="Share">Lines of this trunk that it may hold.</param>
/// <param name="Wanted">Lines that it could use at once beyond those it holds.</param>
/// <param name="LastGranted">Rises with every grant of the trunk; the value of this campaign's last one, 0 for none.</param>
public sealed record LineDemand(string Campaign, int Priority, int InUse, int Share, int Wanted, long LastGranted);

/// <summary>Who gets the next free line of a trunk.</summary>
public static class LineShares
{
    /// <summary>
    /// The campaign, or null where none may or wants to have it. Higher priority first; among equals whoever has used least of its
    /// share, then whoever has waited longest.
    /// </summary>
    public static string? Next(IEnumerable<LineDemand> demands)
    {
        LineDemand? best = null;
        foreach (var demand in demands)
        {
            if (demand.InUse < demand.Share && demand.Wanted > 0 && (best is null || Compare(demand, best) < 0))
            {
                best = demand;
            }
        }

        return best?.Campaign;
    }

    private static int Compare(LineDemand a, LineDemand b)
    {
        var order = b.Priority.CompareTo(a.Priority);
        // a.InUse / a.Share against b.InUse / b.Share without rounding.
        order = order != 0 ? order : ((long)a.InUse * b.Share).CompareTo((long)b.InUse * a.Share);
        order = order != 0 ? order : a.LastGranted.CompareTo(b.LastGranted);
        return order != 0 ? order : string.CompareOrdinal(a.Campaign, b.Campaign);
    }
}
