using Dialer.Benchmarks.Imports;

namespace Dialer.Benchmarks.Sizes;

/// <summary>All that was measured; null for the parts that were left out.</summary>
internal sealed class SizeFigures
{
    public Growth? One { get; set; }

    public Growth? Many { get; set; }

    public IdleFigures? Closed { get; set; }

    public IdleFigures? Empty { get; set; }

    public ReadTimes? Reads { get; set; }

    /// <summary>For the line of JSON. Ratios are against the smallest size of the same run, 1 for no difference.</summary>
    public object Summary() => new
    {
        bench = "size",
        waiting = (One ?? Many)?.Phases.ConvertAll(p => p.Waiting),
        callsOne = One?.Phases.ConvertAll(p => Math.Round(p.Rate)),
        callsMany = Many?.Phases.ConvertAll(p => Math.Round(p.Rate)),
        claimMsOne = One?.Phases.ConvertAll(p => Math.Round(p.Claims.MeanMs, 2)),
        claimMsMany = Many?.Phases.ConvertAll(p => Math.Round(p.Claims.MeanMs, 2)),
        claimServerMsOne = One?.Phases.ConvertAll(p => Math.Round(p.ServerMs, 2)),
        claimServerMsMany = Many?.Phases.ConvertAll(p => Math.Round(p.ServerMs, 2)),
        callsRatioOne = One?.CallsRatio,
        callsRatioMany = Many?.CallsRatio,
        callsRatioOneToMany = One is null || Many is null ? null : Growth.Ratio(One.Phases[^1].Rate, Many.Phases[^1].Rate),
        claimRatioOne = One?.ClaimRatio,
        claimRatioMany = Many?.ClaimRatio,
        claimServerRatioOne = One?.ServerRatio,
        claimServerRatioMany = Many?.ServerRatio,
        memoryMbMoreOne = One?.MoreMb,
        memoryMbMoreMany = Many?.MoreMb,
        statsMs = Rounded(Reads?.LongestMsOf("stats")),
        readsMs = Reads?.LongestMs,
        statementsPerSecondClosed = Rounded(Closed?.PerSecond),
        statementsPerSecondEmpty = Rounded(Empty?.PerSecond),
    };

    private static double? Rounded(double? figure) => figure is { } value ? Math.Round(value, 1) : null;
}
