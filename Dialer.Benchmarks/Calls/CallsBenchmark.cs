using System.Globalization;
using System.Text.Json;
using Dialer.Benchmarks.Installation;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// Calls per second through the whole dialer, beside a bare ARI loop in the same run: the same Asterisks, trunk, lines and subscribers
/// (answer at once, hang up after a second). Both are counted in the telephone network's own log.
/// </summary>
internal static class CallsBenchmark
{
    // Until all lines have begun their second call.
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(4);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await CallingInstallation.StartAsync(lines, cancellationToken);
        await installation.ClipAsync("nothing", TimeSpan.FromMilliseconds(100), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "nothing", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        await installation.CampaignAsync(
            lines, Enumerable.Range(0, seconds * 800).Select(i => string.Create(CultureInfo.InvariantCulture, $"799919{i % 100_000:00000}")), cancellationToken);
        var length = RampUp + TimeSpan.FromSeconds(seconds);

        var began = TimeProvider.System.GetUtcNow();
        await using (var bare = new BareLoop(installation.Pair.Pbx, "19"))
        {
            await bare.RunAsync(lines, length, cancellationToken);
        }

        var raw = Rate(installation, began);

        await installation.StartCallingAsync(cancellationToken);
        began = TimeProvider.System.GetUtcNow();
        await Task.Delay(RampUp, cancellationToken);
        var (silo, postgres) = Cpu(installation.Dialer);
        await Task.Delay(length - RampUp, cancellationToken);
        var (siloAfter, postgresAfter) = Cpu(installation.Dialer);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);
        var ours = Rate(installation, began);
        var (siloMs, postgresMs) = ((siloAfter - silo).TotalMilliseconds / (ours * seconds), (postgresAfter - postgres).TotalMilliseconds / (ours * seconds));

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, calls of a second, {seconds} s each"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  bare ARI loop  {raw,7:0.0} calls/s"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"  dialer         {ours,7:0.0} calls/s; CPU per call: silo {siloMs:0.00} ms, PostgreSQL {postgresMs:0.00} ms"));
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "calls",
            ours = Math.Round(ours, 1),
            raw = Math.Round(raw, 1),
            ratio = Math.Round(ours / raw, 2),
            siloMsPerCall = Math.Round(siloMs, 2),
            postgresMsPerCall = Math.Round(postgresMs, 2),
        }));

        double Rate(CallingInstallation of, DateTimeOffset start) => of.Pair.Calls()
            .Count(call => call.AnsweredAt is not null && call.EndedAt >= start + RampUp && call.EndedAt < start + length) / (double)seconds;
    }

    private static (TimeSpan Silo, TimeSpan Postgres) Cpu(DialerInstallation dialer) =>
        (ProcessFigures.Cpu(dialer.Silo), ProcessFigures.Cpu(dialer.Postgres));
}
