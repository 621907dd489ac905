using System.Globalization;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>CPU time in milliseconds of everybody who has a part in calls over real Asterisks.</summary>
internal sealed record PairCpu(double Silo, double Postgres, double Pbx, double Network, double Machine)
{
    public static PairCpu operator -(PairCpu a, PairCpu b) =>
        new(a.Silo - b.Silo, a.Postgres - b.Postgres, a.Pbx - b.Pbx, a.Network - b.Network, a.Machine - b.Machine);

    public static PairCpu operator +(PairCpu a, PairCpu b) =>
        new(a.Silo + b.Silo, a.Postgres + b.Postgres, a.Pbx + b.Pbx, a.Network + b.Network, a.Machine + b.Machine);

    public static PairCpu operator /(PairCpu a, double by) => new(a.Silo / by, a.Postgres / by, a.Pbx / by, a.Network / by, a.Machine / by);

    public static PairCpu Now(CallingInstallation of) => new(
        Of(of.Dialer.Silo), Of(of.Dialer.Postgres), Of(of.Pair.Pbx.Id), Of(of.Pair.Network.Id), ProcessFigures.MachineCpu().TotalMilliseconds);

    private static double Of(int process) => ProcessFigures.Cpu(process).TotalMilliseconds;
}

/// <summary>What one of those who made calls has shown.</summary>
/// <param name="Rate">Answered calls per second; one that lies partly in the measured time counts in part.</param>
/// <param name="MeanSeconds">From the answer to the end.</param>
/// <param name="Cpu">Per call.</param>
/// <param name="BusyCores">Of the whole machine, whoever used them.</param>
internal sealed record Showing(double Rate, double MeanSeconds, PairCpu Cpu, double BusyCores)
{
    public static Showing Of(IEnumerable<NetworkCall> all, DateTimeOffset from, DateTimeOffset to, PairCpu used)
    {
        var calls = all.Where(call => call.AnsweredAt is not null && call.EndedAt > from && call.StartedAt < to).ToList();
        // In part: where calls are long, it would matter much whether a whole wave of them ends just before or after the end.
        var count = calls.Sum(call => call.Within(from, to) / (call.EndedAt - call.StartedAt));
        return count == 0
            ? throw new InvalidOperationException("Nothing was measured: no call was answered in the time of the benchmark.")
            : new Showing(
                count / (to - from).TotalSeconds, calls.Average(call => (call.EndedAt - call.AnsweredAt!.Value).TotalSeconds),
                used / count, used.Machine / (to - from).TotalMilliseconds);
    }

    /// <summary>The mean of several times.</summary>
    public static Showing Mean(IReadOnlyList<Showing> times) => new(
        times.Average(s => s.Rate), times.Average(s => s.MeanSeconds),
        times.Select(s => s.Cpu).Aggregate((a, b) => a + b) / times.Count, times.Average(s => s.BusyCores));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rate,7:0.0} calls/s of {MeanSeconds:0.00} s; CPU ms per call: silo {Cpu.Silo:0.00}, PostgreSQL {Cpu.Postgres:0.00}, pbx {Cpu.Pbx:0.00}, network {Cpu.Network:0.00}; {BusyCores:0.00} cores busy");
}
