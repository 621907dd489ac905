using System.Globalization;
using System.Text.Json;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// How full the lines are with calls of five seconds (from the telephone network's log), and how soon a freed line is used again (by
/// the pbx's clock); beside a bare ARI loop in the same run, because all calls begin and end together and Asterisk itself starts them one by one.
/// </summary>
internal static class LinesBenchmark
{
    // Six rounds of calls: a silo that has just started compiles what it runs for the first time.
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(31);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await CallingInstallation.StartAsync(lines, cancellationToken);
        await installation.ClipAsync("nothing", TimeSpan.FromMilliseconds(100), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "nothing", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        var people = lines * ((seconds / 5) + 10);
        await installation.CampaignAsync(
            lines, Enumerable.Range(0, people).Select(i => string.Create(CultureInfo.InvariantCulture, $"799920{i % 100_000:00000}")), cancellationToken);
        var length = TimeSpan.FromSeconds(seconds);

        var raw = await MeasureAsync(installation, lines, length, async () =>
        {
            await using var bare = new BareLoop(installation.Pair.Pbx, "20");
            await bare.RunAsync(lines, RampUp + length, cancellationToken);
        }, cancellationToken);
        var ours = await MeasureAsync(installation, lines, length, async () =>
        {
            await installation.StartCallingAsync(cancellationToken);
            await Task.Delay(RampUp + length, cancellationToken);
            await installation.PauseAsync(cancellationToken);
            await installation.IdleAsync(cancellationToken);
        }, cancellationToken);

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, calls of 5 s, {seconds} s each"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  bare ARI loop  {raw.Share:0.00%} of line-seconds in use; line freed → next channel {raw.Freed}"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  dialer         {ours.Share:0.00%} of line-seconds in use; line freed → next channel {ours.Freed}"));
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "lines",
            ours = Math.Round(ours.Share, 4),
            raw = Math.Round(raw.Share, 4),
            ratio = Math.Round(ours.Share / raw.Share, 4),
            freedToNextP50Ms = ours.Freed.P50,
            freedToNextP99Ms = ours.Freed.P99,
            rawFreedToNextP50Ms = raw.Freed.P50,
            rawFreedToNextP99Ms = raw.Freed.P99,
            measured = ours.Freed.Count,
        }));
    }

    private static async Task<(double Share, Quantiles Freed)> MeasureAsync(
        CallingInstallation installation, int lines, TimeSpan length, Func<Task> call, CancellationToken cancellationToken)
    {
        await using var observer = await TrunkObserver.StartAsync(installation.Pair.Pbx, cancellationToken);
        var from = TimeProvider.System.GetUtcNow() + RampUp;
        var to = from + length;
        await call();
        var used = installation.Pair.Calls().Sum(c => c.Within(from, to).TotalSeconds);
        return (used / (lines * length.TotalSeconds), Quantiles.Of(observer.Freed(lines, from, to)));
    }
}
