using System.Globalization;
using System.Text.Json;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// How full the lines are with calls of five seconds, and how soon a freed line is used again; both from the telephone network's log.
/// </summary>
internal static class LinesBenchmark
{
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(11);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await CallingInstallation.StartAsync(lines, cancellationToken);
        await installation.ClipAsync("nothing", TimeSpan.FromMilliseconds(100), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "nothing", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        var people = lines * ((seconds / 5) + 6);
        await installation.CampaignAsync(
            lines, Enumerable.Range(0, people).Select(i => string.Create(CultureInfo.InvariantCulture, $"799920{i % 100_000:00000}")), cancellationToken);

        await installation.StartCallingAsync(cancellationToken);
        var from = TimeProvider.System.GetUtcNow() + RampUp;
        var to = from + TimeSpan.FromSeconds(seconds);
        await Task.Delay(to - TimeProvider.System.GetUtcNow(), cancellationToken);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);

        var calls = installation.Pair.Calls();
        var used = calls.Sum(call => Math.Max(0, (Earlier(call.EndedAt, to) - Later(call.StartedAt, from)).TotalSeconds));
        var share = used / (lines * (to - from).TotalSeconds);
        // All lines are in use from the beginning, so the n-th call to end frees the line that the n-th call after the first «lines» takes.
        var ends = calls.Select(call => call.EndedAt).Order().ToList();
        var starts = calls.Select(call => call.StartedAt).Order().Skip(lines).ToList();
        var freed = Quantiles.Of(ends.Zip(starts).Where(pair => pair.First >= from && pair.Second < to).Select(pair => pair.Second - pair.First));

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, calls of 5 s, {seconds} s"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  line-seconds in use         {share:0.00%}"));
        await output.WriteLineAsync($"  line freed → next INVITE    {freed}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "lines",
            ours = Math.Round(share, 4),
            raw = 1,
            ratio = Math.Round(share, 4),
            freedToNextP50Ms = freed.P50,
            freedToNextP99Ms = freed.P99,
            measured = freed.Count,
        }));
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
