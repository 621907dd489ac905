namespace Dialer.Benchmarks.Sizes;

/// <summary>The same campaigns with ever more contacts.</summary>
/// <param name="Phases">From the smallest size to the largest.</param>
/// <param name="Memory">Of the silo: when nobody waited, and after each.</param>
internal sealed record Growth(List<SizePhase> Phases, List<Memory> Memory)
{
    /// <summary>How many times fewer calls there were at the worst size than at the smallest.</summary>
    public double CallsRatio => Ratio(Phases[0].Rate, Phases.Min(p => p.Rate));

    /// <summary>How many times longer claims took at the worst size than at the smallest, seen from the silo.</summary>
    public double ClaimRatio => Ratio(Phases.Max(p => p.Claims.MeanMs), Phases[0].Claims.MeanMs);

    /// <summary>The same as PostgreSQL counts it, without the time that they waited for a connection and a core.</summary>
    public double ServerRatio => Ratio(Phases.Max(p => p.ServerMs), Phases[0].ServerMs);

    /// <summary>How much more memory the silo had with the most contacts than when nobody waited, in megabytes.</summary>
    public double MoreMb => Math.Round(Memory[^1].ResidentMb - Memory[0].ResidentMb, 1);

    public static double Ratio(double more, double less) => Math.Round(more / less, 2);
}
