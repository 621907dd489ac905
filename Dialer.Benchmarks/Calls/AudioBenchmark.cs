using System.Globalization;
using System.Text.Json;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// Calls with sound: the scenario's plan (a greeting, an amount in words, a question and a wait for a key that does not come), beside a bare
/// ARI loop that plays the same files, and beside call files that play one file of the same sound. People ring for a second and listen.
/// </summary>
internal static class AudioBenchmark
{
    private const string People = "40";

    private static readonly TimeSpan Greeting = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Question = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    // Until the first wave of calls has passed, and the lines are no longer all at the same place of the plan.
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(int lines, int seconds, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await CallingInstallation.StartAsync(lines, cancellationToken);
        await SetUpAsync(installation, lines, seconds, cancellationToken);
        var contest = new Contest(installation, lines, RampUp, TimeSpan.FromSeconds(seconds));
        IReadOnlyList<string> media;
        await using (var observer = await TrunkObserver.StartAsync(installation.Pair.Pbx, cancellationToken))
        {
            await contest.CallAsync(TimeSpan.FromSeconds(10), cancellationToken);
            media = observer.Played();
        }

        var bare = await contest.BareAsync(People, media, Wait, cancellationToken);
        var ours = await contest.DialerAsync(cancellationToken);
        var spool = await contest.CallFilesAsync(People, "Playback", Joined(media, installation.Pair.Pbx.Folder), cancellationToken);

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lines} lines, calls that play {media.Count} files, {seconds} s each"));
        await output.WriteLineAsync($"  bare ARI loop  {bare}");
        await output.WriteLineAsync($"  dialer         {ours}");
        await output.WriteLineAsync($"  call files     {spool}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "audio",
            ours = Math.Round(ours.Rate, 2),
            raw = Math.Round(bare.Rate, 2),
            ratio = Math.Round(ours.Rate / bare.Rate, 3),
            callFiles = Math.Round(spool.Rate, 2),
            callFilesRatio = Math.Round(ours.Rate / spool.Rate, 3),
            busyCores = Math.Round(ours.BusyCores, 2),
            rawBusyCores = Math.Round(bare.BusyCores, 2),
            siloMsPerCall = Math.Round(ours.Cpu.Silo, 2),
            postgresMsPerCall = Math.Round(ours.Cpu.Postgres, 2),
            pbxMsPerCall = Math.Round(ours.Cpu.Pbx, 2),
        }));
    }

    private static async Task SetUpAsync(CallingInstallation installation, int lines, int seconds, CancellationToken cancellationToken)
    {
        await installation.ClipAsync("greeting", Greeting, silent: false, cancellationToken);
        await installation.ClipAsync("question", Question, silent: false, cancellationToken);
        await installation.ExtensionAsync(
            "100*2",
            new { kind = "playback", audio = "question", waitForInput = true, inputTimeout = Wait.ToString("c", CultureInfo.InvariantCulture) },
            cancellationToken);
        await installation.ExtensionAsync(
            "100*1", new { kind = "sayText", text = "[% VAR:BALANCE %] rub", type = "money", goTo = "100*2" }, cancellationToken);
        await installation.ExtensionAsync("100", new { kind = "autoInformer", audio = "greeting", goTo = "100*1" }, cancellationToken);
        // Nobody is called more often than every few seconds on each line.
        var people = lines * (int)(seconds + RampUp.TotalSeconds) / 3;
        await installation.CampaignAsync(
            lines, Enumerable.Range(0, people).Select(i => string.Create(CultureInfo.InvariantCulture, $"7999{People}{i % 100_000:00000}")),
            cancellationToken, variables: "BALANCE=-68.27");
    }

    /// <summary>
    /// One file of all that is played and of the wait behind it: what somebody with call files would prepare for each person. Without its
    /// ending, as Asterisk wants it.
    /// </summary>
    private static string Joined(IReadOnlyList<string> media, string folder)
    {
        var path = Path.Combine(folder, "joined");
        // A-law and µ-law have no header, and the silence of each is a byte.
        foreach (var (ending, silence) in new (string, byte)[] { (".alaw", 0xD5), (".ulaw", 0xFF) })
        {
            using var file = File.Create(path + ending);
            foreach (var medium in media)
            {
                file.Write(File.ReadAllBytes(medium["sound:".Length..] + ending));
            }

            file.Write(Enumerable.Repeat(silence, (int)(Wait.TotalSeconds * 8000)).ToArray());
        }

        return path;
    }
}
