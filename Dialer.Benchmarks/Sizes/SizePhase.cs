using System.Globalization;
using Dialer.Benchmarks.Calls;

namespace Dialer.Benchmarks.Sizes;

/// <summary>What was measured of some campaigns with so many contacts waiting.</summary>
/// <param name="Campaigns">How many campaigns ran.</param>
/// <param name="Waiting">Contacts that waited in them together, all the time.</param>
/// <param name="Rate">Finished calls per second, by the fake's log.</param>
/// <param name="Claims">How long claims took, seen from the silo.</param>
/// <param name="Server">Claims as PostgreSQL counted them.</param>
/// <param name="Seconds">The length of what was measured.</param>
/// <param name="Bare">The same claims by hand, when nothing else ran.</param>
/// <param name="Cpu">Per call.</param>
internal sealed record SizePhase(
    int Campaigns, long Waiting, double Rate, ClaimTimes Claims, Statements Server, double Seconds, Quantiles Bare, CallCpu Cpu)
{
    public static readonly string Header =
        "  campaigns    waiting  calls/s  claims/s contacts each   claim mean     p99 below  in PostgreSQL   by hand p50      p99   CPU ms per call";

    public double ServerMs => Server.Ms / Math.Max(1, Server.Calls);

    public double Each => (double)Server.Rows / Math.Max(1, Server.Calls);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Campaigns,11} {Waiting,10} {Rate,8:0} {Claims.Claims / Seconds,9:0} {Each,13:0.0} {Claims.MeanMs,9:0.00} ms {Claims.P99BelowMs,10:0.0} ms {ServerMs,11:0.00} ms {Bare.P50,9:0.0} ms {Bare.P99,5:0.0} ms   {Cpu}");
}
