using System.Globalization;
using System.Text.Json;
using Dialer.Benchmarks.Imports;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// Very many calls, as fast as they go, against a fake Asterisk: whether anything grows that should not. After every tenth of them calling
/// stops for some seconds, and what the silo, its process and the database then hold is written down.
/// </summary>
internal static class SoakBenchmark
{
    private const int Lines = 500;
    private const int Samples = 10;

    // Most answer and hang up, some are busy or reject the call: nobody is called again, so that calls are people.
    private const string Script =
        """
        {
          "numbers": [
            {"prefix": "799919", "behaviours": [
              {"weight": 17, "hangsUp": [0.05, 0.25]}, {"weight": 2, "then": "busy", "after": 0.1}, {"weight": 1, "then": "rejected"}]}
          ],
          "otherMedia": 0.05
        }
        """;

    // Idle contacts and calls are gone by then, and what was written is stored.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    /// <returns>Whether nothing has grown.</returns>
    public static async Task<bool> RunAsync(int calls, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await FakeInstallation.StartAsync(Lines, Script, cancellationToken);
        await installation.ClipAsync("clip", TimeSpan.FromMilliseconds(30), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "clip", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        await installation.CampaignAsync(Lines, [], cancellationToken);
        using (var people = await ListFile.OfShortCallsAsync(0, calls + (calls / Samples), cancellationToken))
        {
            await using var csv = people.Open();
            await installation.UploadAsync(csv, cancellationToken);
        }

        await using var watch = await SoakWatch.StartAsync(installation, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{calls} calls on {Lines} lines, with a rest of {Rest.TotalSeconds:0} s after every tenth"));
        await output.WriteLineAsync(SoakSample.Header);
        var samples = new List<SoakSample>();
        for (var sample = 1; sample <= Samples; sample++)
        {
            await watch.BeginAsync(cancellationToken);
            await installation.StartCallingAsync(cancellationToken);
            while (await watch.AttemptsAsync(cancellationToken) < (long)calls * sample / Samples)
            {
                await Task.Delay(Glance, cancellationToken);
            }

            await installation.PauseAsync(cancellationToken);
            await installation.IdleAsync(cancellationToken);
            var spent = watch.Spent();
            await Task.Delay(Rest, cancellationToken);
            samples.Add(await watch.LookAsync(spent, cancellationToken));
            await output.WriteLineAsync($"{samples[^1]}");
        }

        return await ReportAsync(samples, installation.Calls().Count, output);
    }

    private static async Task<bool> ReportAsync(List<SoakSample> samples, int seen, TextWriter output)
    {
        var (first, last) = (samples[0], samples[^1]);
        var (memory, heap) = (last.MemoryMb / first.MemoryMb, last.HeapMb / first.HeapMb);
        // Spare connections come and go with the load, and a timer more or less is no growth.
        var grown = new (string What, double First, double Last, double Allowed)[]
        {
            ("memory", first.MemoryMb, last.MemoryMb, first.MemoryMb * 0.1),
            ("heap", first.HeapMb, last.HeapMb, first.HeapMb * 0.1),
            ("open attempts", 0, last.OpenAttempts, 0),
            ("permits", 0, last.Permits, 0),
            ("timers", first.Timers, last.Timers, 20),
            ("grains", first.Grains, last.Grains, 20),
            ("sockets", first.Sockets, last.Sockets, 10),
            ("other descriptors", first.OtherDescriptors, last.OtherDescriptors, 10),
            // Not bytes: who has been called takes more of them, in one index more.
            ("bloat of attempts", first.AttemptBloat, last.AttemptBloat, first.AttemptBloat * 0.1),
            ("bloat of contacts", first.ContactBloat, last.ContactBloat, first.ContactBloat * 0.1),
            ("calls that the network saw and nobody wrote", 0, seen - last.Calls, 0),
        }.Where(f => f.Last > f.First + f.Allowed).Select(f => f.What).ToList();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  memory at the end / after the first tenth {memory:0.00}, live heap {heap:0.00}; {(grown.Count == 0 ? "nothing grew" : $"grew: {string.Join(", ", grown)}")}"));
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "soak",
            calls = last.Calls,
            seenByNetwork = seen,
            callsPerSecond = Math.Round(samples.Average(s => s.Rate), 1),
            memoryMb = Math.Round(last.MemoryMb),
            memoryRatio = Math.Round(memory, 3),
            heapMb = Math.Round(last.HeapMb, 1),
            heapRatio = Math.Round(heap, 3),
            walBytesPerCall = Math.Round(samples.Average(s => s.WalPerCall)),
            bytesPerAttempt = Math.Round(last.BytesPerAttempt),
            bytesPerContact = Math.Round(last.BytesPerContact),
            attemptBloat = new[] { Math.Round(first.AttemptBloat, 2), Math.Round(last.AttemptBloat, 2) },
            contactBloat = new[] { Math.Round(first.ContactBloat, 2), Math.Round(last.ContactBloat, 2) },
            siloMsPerCall = Math.Round(samples.Average(s => s.SiloMs), 3),
            postgresMsPerCall = Math.Round(samples.Average(s => s.PostgresMs), 3),
            grew = grown,
            ok = grown.Count == 0,
        }));
        return grown.Count == 0;
    }
}
