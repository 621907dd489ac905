using System.Globalization;
using System.Text.Json;
using Dialer.Simulation.Calls;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// The dialer's own limit: the whole of it against a fake Asterisk. First as fast as it goes (calls of 0.1 s, which play a clip until the
/// called person hangs up), then at a steady rate (calls of half a second). Beside it a bare ARI loop against the same fake, and the
/// smallest transactions that PostgreSQL can make.
/// </summary>
internal static class LimitBenchmark
{
    private const string Script =
        """
        {
          "numbers": [
            {"prefix": "799919", "behaviours": [{"hangsUp": 0.1}]},
            {"prefix": "799920", "behaviours": [{"hangsUp": [0.4, 0.6]}]}
          ],
          "otherMedia": 0.05
        }
        """;

    private const double SteadyRate = 990;

    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(10);

    // A silo that has just started compiles what it runs, and again what it runs often, as far as two busy cores leave it time.
    private static readonly TimeSpan FirstRampUp = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Commits = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        var length = TimeSpan.FromSeconds(seconds);
        // The lines' half second and what comes between two calls of a line.
        var steadyLines = (int)Math.Round(SteadyRate * 0.505);
        await using var installation = await FakeInstallation.StartAsync(Math.Max(lines, steadyLines), Script, cancellationToken);
        await installation.ClipAsync("clip", TimeSpan.FromMilliseconds(50), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "clip", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);

        var commits = await PostgresCommits.PerSecondAsync(installation.Dialer.Database, Commits, cancellationToken);
        var from = TimeProvider.System.GetUtcNow() + RampUp;
        await using (var bare = new BareLoop(installation.Asterisk.Options("bare"), "19"))
        {
            await bare.RunAsync(lines, RampUp + length, cancellationToken);
        }

        var raw = Phase.Of(installation.Calls(), lines, from, length, new CallCpu(0, 0, 0, 0));
        var fast = await MeasureAsync(installation, "fast", lines, "799919", (int)(lines / 0.1), FirstRampUp, length, cancellationToken);
        var steady = await MeasureAsync(installation, "steady", steadyLines, "799920", (int)SteadyRate + 100, RampUp, length, cancellationToken);

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, {seconds} s each; PostgreSQL makes {commits:0} commits of one row per second"));
        await output.WriteLineAsync($"  bare ARI loop     {raw}");
        await output.WriteLineAsync($"  dialer            {fast}");
        await output.WriteLineAsync($"  dialer, {SteadyRate}/s {steady}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "limit",
            callsPerSecond = Math.Round(fast.Rate, 1),
            rawCallsPerSecond = Math.Round(raw.Rate, 1),
            siloMsPerCall = Math.Round(fast.Cpu.Silo, 3),
            postgresMsPerCall = Math.Round(fast.Cpu.Postgres, 3),
            asteriskMsPerCall = Math.Round(fast.Cpu.Asterisk, 3),
            steadyCallsPerSecond = Math.Round(steady.Rate, 1),
            steadySiloMsPerCall = Math.Round(steady.Cpu.Silo, 3),
            steadyPostgresMsPerCall = Math.Round(steady.Cpu.Postgres, 3),
            freedToNextP50Ms = steady.Freed.P50,
            freedToNextP99Ms = steady.Freed.P99,
            postgresCommitsPerSecond = Math.Round(commits),
        }));
    }

    // A campaign of its own: clearing away the list of the phase before would be measured, too.
    private static async Task<Phase> MeasureAsync(
        FakeInstallation installation, string campaign, int lines, string numbers, int rate, TimeSpan rampUp, TimeSpan length, CancellationToken cancellationToken)
    {
        var people = (int)(rate * (rampUp + length + RampUp).TotalSeconds);
        await installation.CampaignAsync(
            lines,
            Enumerable.Range(0, people).Select(i => string.Create(CultureInfo.InvariantCulture, $"{numbers}{i % 100_000:00000}")),
            cancellationToken,
            retries: 3,
            campaign: campaign);
        await installation.StartCallingAsync(campaign, cancellationToken);
        await Task.Delay(rampUp, cancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        var before = CallCpu.Now(installation);
        await Task.Delay(length, cancellationToken);
        var used = CallCpu.Now(installation) - before;
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);
        var calls = installation.Calls().Where(call => call.Number.StartsWith(numbers, StringComparison.Ordinal)).ToList();
        return Phase.Of(calls, lines, from, length, used);
    }

    /// <summary>What was measured of one way of calling.</summary>
    /// <param name="Rate">Finished calls per second.</param>
    /// <param name="Freed">From the last event of a channel to the originate that takes its line.</param>
    /// <param name="Cpu">Per call.</param>
    private sealed record Phase(double Rate, Quantiles Freed, CallCpu Cpu)
    {
        public static Phase Of(IReadOnlyList<LoggedCall> calls, int lines, DateTimeOffset from, TimeSpan length, CallCpu used)
        {
            var to = from + length;
            var ends = calls.Where(call => call.EndedAt is not null).Select(call => call.EndedAt!.Value).Order().ToList();
            var finished = ends.Count(end => end >= from && end < to);
            return new Phase(finished / length.TotalSeconds, Quantiles.Of(TrunkObserver.Freed(ends, calls.Select(call => call.OriginatedAt), lines, from, to)), used.Per(finished));
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Rate,7:0.0} calls/s; line freed → next originate {Freed}{(Cpu.Silo == 0 ? "" : $"; CPU ms per call: {Cpu}")}");
    }
}
