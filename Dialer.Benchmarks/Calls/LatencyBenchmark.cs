using System.Globalization;
using System.Text.Json;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// What a called person waits for. Answer → first sound: half of the people listen only; a call of theirs is as long as the way to the
/// first sound, the clip, the wait for a key and the way to the hang-up together, so its length (in the network's log) minus clip and wait is
/// an upper bound. The recordings, which begin at the answer, tell the same from the other side. Key → ringing: see <see cref="KeyObserver"/>.
/// </summary>
internal static class LatencyBenchmark
{
    private static readonly TimeSpan Tone = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        // Beside the campaign's lines there is one for the mobile of every operator.
        await using var installation = await CallingInstallation.StartAsync(lines * 2, cancellationToken);
        await installation.ClipAsync("tone", Tone, silent: false, cancellationToken);
        await installation.ExtensionAsync(
            "100*1",
            new
            {
                kind = "queue",
                members = Enumerable.Range(0, lines).Select(i => new { number = string.Create(CultureInfo.InvariantCulture, $"799930{i:00000}"), trunk = "main" }),
                strategy = "roundRobin",
                ringTimeout = "00:00:25",
                maxWait = "00:02:00",
            },
            cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "tone", waitForInput = true, inputTimeout = Wait.ToString("c", CultureInfo.InvariantCulture) }, cancellationToken);
        // Every other one presses 1 two seconds after the answer; the others listen.
        await installation.CampaignAsync(
            lines,
            Enumerable.Range(0, lines * seconds / 3).Select(i => string.Create(CultureInfo.InvariantCulture, $"7999{(i % 2 == 0 ? "33" : "17")}{i / 2 % 1000:000}02")),
            cancellationToken);
        await using var observer = new KeyObserver(installation.Pair.Pbx);
        await observer.ListenAsync(installation.Pair.Pbx, cancellationToken);

        await installation.StartCallingAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);

        var listeners = installation.Pair.Calls().Where(call => call.Number.StartsWith("799933", StringComparison.Ordinal)).ToList();
        var bound = Quantiles.Of(listeners.Where(call => call.AnsweredAt is not null).Select(call => call.EndedAt - call.AnsweredAt!.Value - Tone - Wait));
        var heard = Quantiles.Of(listeners.Select(call => Path.Combine(installation.Pair.HeardFolder, $"{call.Number}-{call.Id}.wav"))
            .Where(File.Exists).Select(Clip.FirstSound).OfType<TimeSpan>());
        var rang = Quantiles.Of(observer.Times());

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, {seconds} s"));
        await output.WriteLineAsync($"  answer → first sound, in the recordings          {heard}");
        await output.WriteLineAsync($"  answer → first sound and plan's end → hang-up    {bound}");
        await output.WriteLineAsync($"  key 1 → operator ringing                         {rang}; without ringing: {observer.Unanswered}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "latency",
            answerToSoundP50Ms = heard.P50,
            answerToSoundP99Ms = heard.P99,
            answerToSoundBoundP99Ms = bound.P99,
            keyToRingingP50Ms = rang.P50,
            keyToRingingP99Ms = rang.P99,
            calls = heard.Count,
            keys = rang.Count,
        }));
    }
}
