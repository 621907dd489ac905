using System.Globalization;
using System.Text.Json;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// Calls per second through the whole dialer, beside a bare ARI loop and beside call files in the same run: the same Asterisks, trunk, lines
/// and subscribers (answer at once, hang up after a second). All are counted in the telephone network's own log. A dial plan has to say
/// something: a tenth of a second of silence. So there are two bare loops, one that plays the same and one that plays nothing.
/// </summary>
internal static class CallsBenchmark
{
    // Calls per second of the best of them, with room.
    private const int Fastest = 800;

    // What else happens on the machine changes within a minute; so each has two turns.
    private const int Turns = 2;

    // Until all lines have begun their second call.
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(4);

    // A silo that has just started compiles what it runs, and what it runs often once more.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(40);

    // Until some calls have ended, of which is heard what they play.
    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await CallingInstallation.StartAsync(lines, cancellationToken);
        await installation.ClipAsync("nothing", TimeSpan.FromMilliseconds(100), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "nothing", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        var people = (int)((WarmUp + Listening + (Turns * RampUp)).TotalSeconds + seconds) * Fastest;
        await installation.CampaignAsync(
            lines, Enumerable.Range(0, people).Select(i => string.Create(CultureInfo.InvariantCulture, $"799919{i % 100_000:00000}")), cancellationToken);
        var contest = new Contest(installation, lines, RampUp, TimeSpan.FromSeconds((double)seconds / Turns));

        await contest.CallAsync(WarmUp, cancellationToken);
        var said = await PlayedAsync(contest, installation.Pair, cancellationToken);
        List<Showing> bares = [], silents = [], dialers = [], spools = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            bares.Add(await contest.BareAsync("19", said, null, cancellationToken));
            dialers.Add(await contest.DialerAsync(cancellationToken));
            silents.Add(await contest.BareAsync("19", [], null, cancellationToken));
            // They hang up long before.
            spools.Add(await contest.CallFilesAsync("19", "Wait", "30", cancellationToken));
        }

        var (bare, ours, silent, spool) = (Showing.Mean(bares), Showing.Mean(dialers), Showing.Mean(silents), Showing.Mean(spools));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, calls of a second, {seconds} s each in {Turns} turns"));
        await output.WriteLineAsync($"  bare ARI loop, the same clip  {bare}");
        await output.WriteLineAsync($"  dialer                        {ours}");
        await output.WriteLineAsync($"  bare ARI loop, no sound       {silent}");
        await output.WriteLineAsync($"  call files                    {spool}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "calls",
            ours = Math.Round(ours.Rate, 1),
            raw = Math.Round(bare.Rate, 1),
            ratio = Math.Round(ours.Rate / bare.Rate, 2),
            silent = Math.Round(silent.Rate, 1),
            silentRatio = Math.Round(ours.Rate / silent.Rate, 2),
            callFiles = Math.Round(spool.Rate, 1),
            callFilesRatio = Math.Round(ours.Rate / spool.Rate, 2),
            siloMsPerCall = Math.Round(ours.Cpu.Silo, 2),
            postgresMsPerCall = Math.Round(ours.Cpu.Postgres, 2),
            ratios = dialers.Zip(bares, (d, b) => Math.Round(d.Rate / b.Rate, 2)),
        }));
    }

    /// <summary>What the dialer's calls play, as Asterisk is told.</summary>
    private static async Task<IReadOnlyList<string>> PlayedAsync(Contest contest, TelephonePair pair, CancellationToken cancellationToken)
    {
        await using var observer = await TrunkObserver.StartAsync(pair.Pbx, cancellationToken);
        await contest.CallAsync(Listening, cancellationToken);
        return observer.Played();
    }
}
