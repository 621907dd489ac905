using System.Globalization;
using System.Text.Json;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// What a called person waits for. Answer → first sound: on the wire, see <see cref="Wire"/>. Key 1 → the operator's phone ringing: by the
/// pbx's clock, see <see cref="TrunkObserver"/>.
/// </summary>
internal static class LatencyBenchmark
{
    private static readonly TimeSpan Tone = TimeSpan.FromSeconds(1);
    // A silo that has just started compiles what it runs for the first time.
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(15);
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
            Enumerable.Range(0, lines * (seconds + 15) / 3).Select(i => string.Create(CultureInfo.InvariantCulture, $"7999{(i % 2 == 0 ? "33" : "17")}{i / 2 % 1000:000}02")),
            cancellationToken);
        await using var observer = await TrunkObserver.StartAsync(installation.Pair.Pbx, cancellationToken);
        using var wire = new Wire(installation.Pair.Network.SipPort, notTo: "799930");

        await installation.StartCallingAsync(cancellationToken);
        await Task.Delay(RampUp, cancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);

        var heard = Quantiles.Of(wire.AnswerToSound(from));
        var rang = Quantiles.Of(observer.KeyToRinging(from));

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, {seconds} s"));
        await output.WriteLineAsync($"  answer → first sound      {heard}; without sound: {wire.Silent}");
        await output.WriteLineAsync($"  key 1 → operator ringing  {rang}; without ringing: {observer.Unanswered}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "latency",
            answerToSoundP50Ms = heard.P50,
            answerToSoundP99Ms = heard.P99,
            keyToRingingP50Ms = rang.P50,
            keyToRingingP99Ms = rang.P99,
            calls = heard.Count,
            keys = rang.Count,
        }));
    }
}
