using System.Globalization;
using System.Text.Json;
using Dialer.Benchmarks.Installation;
using Dialer.Simulation.Calls;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// What more silos bring: one, two and four of them, each held to a part of a core (a control group), with the same work: campaigns with
/// a trunk each, over four fake Asterisks. Calls of 0.1 s, as fast as they go.
/// </summary>
internal static class ScaleBenchmark
{
    private const int Nodes = 4;
    private const int Campaigns = 16;
    private const int LinesEach = 40;

    private const string Script =
        """
        { "numbers": [{"prefix": "799919", "behaviours": [{"hangsUp": 0.1}]}], "otherMedia": 0.05 }
        """;

    private static readonly int[] Sizes = [1, 2, 4];

    // A silo compiles what it runs for the first time, which at a part of a core would take minutes. For each silo: they share two cores.
    private const int WarmUpEach = 20;
    private const int WarmUp = 30;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(8);

    /// <param name="percent">Of a core, for each silo.</param>
    /// <param name="seconds">Measured of each size.</param>
    /// <param name="output">Where the figures go.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(int percent, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"silos of {percent / 100.0:0.00} of a core each; {Campaigns} campaigns of {LinesEach} lines on {Nodes} nodes; {seconds} s each"));
        var sizes = new List<Measured>();
        foreach (var silos in Sizes)
        {
            sizes.Add(await MeasureAsync(silos, percent / 100.0, TimeSpan.FromSeconds(seconds), cancellationToken));
            await output.WriteLineAsync($"  {sizes[^1]}; efficiency {Efficiency(sizes[^1]):0.00}");
        }

        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "scale",
            cores = percent / 100.0,
            silos = sizes.Select(s => s.Silos),
            callsPerSecond = sizes.Select(s => Math.Round(s.Rate, 1)),
            efficiency = sizes.Select(s => Math.Round(Efficiency(s), 2)),
            siloMsPerCall = sizes.Select(s => Math.Round(s.SiloCores.Sum() * 1000 / s.Rate, 3)),
            postgresCores = sizes.Select(s => Math.Round(s.PostgresCores, 2)),
            busyCores = sizes.Select(s => Math.Round(s.BusyCores, 2)),
        }));

        double Efficiency(Measured of) => of.Rate / (of.Silos * sizes[0].Rate);
    }

    private static async Task<Measured> MeasureAsync(int silos, double cores, TimeSpan length, CancellationToken cancellationToken)
    {
        await using var installation = await FakeInstallation.StartAsync(1, Script, cancellationToken, Nodes, silos, limited: true);
        await installation.ClipAsync("clip", TimeSpan.FromMilliseconds(50), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "clip", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        // As much as the machine could do at most, whatever the size.
        var warmUp = TimeSpan.FromSeconds(Math.Max(WarmUp, WarmUpEach * silos));
        var people = (int)(4000 * (warmUp + Settling + length).TotalSeconds) / Campaigns;
        for (var campaign = 0; campaign < Campaigns; campaign++)
        {
            var (trunk, first) = (string.Create(CultureInfo.InvariantCulture, $"trunk-{campaign}"), campaign);
            await installation.TrunkAsync(trunk, LinesEach, FakeInstallation.SipPort, cancellationToken);
            await installation.CampaignAsync(
                LinesEach, Enumerable.Range(0, people).Select(i => string.Create(CultureInfo.InvariantCulture, $"799919{((first * people) + i) % 100_000:00000}")),
                cancellationToken, campaign: string.Create(CultureInfo.InvariantCulture, $"calls-{campaign}"), trunk: trunk);
        }

        await installation.StartCallingAsync(cancellationToken);
        await Task.Delay(warmUp, cancellationToken);
        installation.Dialer.Limit(cores);
        await Task.Delay(Settling, cancellationToken);
        var (from, before) = (TimeProvider.System.GetUtcNow(), Cpu.Now(installation));
        await Task.Delay(length, cancellationToken);
        var (to, after) = (TimeProvider.System.GetUtcNow(), Cpu.Now(installation));
        // The rest is not measured, and need not take long.
        installation.Dialer.Limit(1);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);
        return Measured.Of(installation.Calls(), from, to, before, after);
    }

    private sealed record Cpu(IReadOnlyList<TimeSpan> Silos, TimeSpan Postgres, TimeSpan Asterisks, TimeSpan Machine)
    {
        public static Cpu Now(FakeInstallation of) => new(
            [.. of.Dialer.Silos.Select(ProcessFigures.Cpu)], ProcessFigures.Cpu(of.Dialer.Postgres),
            of.Asterisks.Aggregate(TimeSpan.Zero, (sum, asterisk) => sum + ProcessFigures.Cpu(asterisk.Id)), ProcessFigures.MachineCpu());
    }

    /// <summary>What was seen of one size.</summary>
    /// <param name="Silos">How many.</param>
    /// <param name="Rate">Finished calls per second.</param>
    /// <param name="SiloCores">Used by each silo.</param>
    /// <param name="PostgresCores">Used by PostgreSQL.</param>
    /// <param name="AsteriskCores">Used by all fake Asterisks.</param>
    /// <param name="BusyCores">Of the whole machine, whoever used them.</param>
    private sealed record Measured(int Silos, double Rate, IReadOnlyList<double> SiloCores, double PostgresCores, double AsteriskCores, double BusyCores)
    {
        public static Measured Of(IReadOnlyList<LoggedCall> calls, DateTimeOffset from, DateTimeOffset to, Cpu before, Cpu after)
        {
            var length = to - from;
            return new Measured(
                after.Silos.Count, calls.Count(call => call.EndedAt >= from && call.EndedAt < to) / length.TotalSeconds,
                [.. after.Silos.Zip(before.Silos, (a, b) => (a - b) / length)], (after.Postgres - before.Postgres) / length,
                (after.Asterisks - before.Asterisks) / length, (after.Machine - before.Machine) / length);
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Silos} silos {Rate,7:0.0} calls/s, {SiloCores.Sum() * 1000 / Rate:0.000} ms of silos per call; cores: silos {string.Join(" + ", SiloCores.Select(c => c.ToString("0.00", CultureInfo.InvariantCulture)))}, PostgreSQL {PostgresCores:0.00}, fake Asterisks {AsteriskCores:0.00}, machine {BusyCores:0.00}");
    }
}
