namespace Dialer.Benchmarks.Sizes;

/// <summary>The same campaigns with ever more contacts. A ratio is null where its figures were not measured: of one size, or without a claim.</summary>
/// <param name="Phases">From the smallest size to the largest.</param>
/// <param name="Memory">Of the silo: when nobody waited, and after each.</param>
internal sealed record Growth(List<SizePhase> Phases, List<Memory> Memory)
{
    /// <summary>How many times fewer calls there were at the worst size than at the smallest.</summary>
    public double? CallsRatio => OverSizes(Phases[0].Rate, Phases.Min(p => p.Rate));

    /// <summary>How many times longer claims took at the worst size than at the smallest, seen from the silo.</summary>
    public double? ClaimRatio => OverSizes(Phases.Max(p => p.Claims.MeanMs), Phases[0].Claims.MeanMs);

    /// <summary>The same as PostgreSQL counts it, without the time that they waited for a connection and a core.</summary>
    public double? ServerRatio => OverSizes(Phases.Max(p => p.ServerMs), Phases[0].ServerMs);

    /// <summary>How much more memory the silo had with the most contacts than when nobody waited, in megabytes.</summary>
    public double MoreMb => Math.Round(Memory[^1].ResidentMb - Memory[0].ResidentMb, 1);

    /// <summary>Null where one of them is 0: nothing of the kind was seen while it was measured, and JSON has no word for what a division makes of it.</summary>
    public static double? Ratio(double more, double less) => more > 0 && less > 0 ? Math.Round(more / less, 2) : null;

    private double? OverSizes(double more, double less) => Phases.Count > 1 ? Ratio(more, less) : null;
}
