namespace Dialer.Grains.Campaigns;

/// <summary>
/// How many claimed contacts a campaign keeps at hand. Two for each line, so that a freed one never waits for the database; more where
/// these would last for less than a moment, because a claim costs the database as much for one contact as for ten; and no more than
/// that, because whoever is claimed is passed over by retries that become due meanwhile.
/// </summary>
public static class ClaimAhead
{
    // Little enough that a list can be withdrawn.
    private const int Most = 500;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(8);

    /// <summary>What is to be at hand after the next claim.</summary>
    /// <param name="present">What was aimed at with the claim before; 0 at the first.</param>
    /// <param name="lines">Lines of the campaign.</param>
    /// <param name="lasted">How long ago that claim was: half of it is gone by now.</param>
    public static int Next(int present, int lines, TimeSpan lasted)
    {
        var least = Math.Min(2 * lines, Most);
        var next = lasted < Short ? 2 * present : lasted > Long ? present / 2 : present;
        return Math.Clamp(next, least, Most);
    }
}
