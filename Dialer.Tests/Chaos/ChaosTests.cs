using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Chaos;

/// <summary>
/// Short runs of the chaos programs, as <c>./dialer chaos NAME --short --seed N</c> runs them, each with an installation of its own and two
/// at a time: most of a run is waiting. Nothing else runs meanwhile, since they measure how long dialling pauses.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosTests
{
    private const string Name = "Chaos";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    // Those that take longest first. Mixed spoils events, cuts sockets, silences lines, sets clocks and fills the disk; it takes root. Who is not root
    // spoils events at least.
    private static readonly (string Program, int Seed)[] s_runs =
        [Environment.IsPrivilegedProcess ? ("mixed", 16) : ("events", 16), ("database", 13), ("silo-freeze", 15), ("silo-kill", 11), ("node-kill", 12)];

    [Fact]
    public async Task Nobody_is_called_twice_or_forgotten()
    {
        var complaints = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            s_runs,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (run, _) =>
            {
                if (await ComplaintAsync(run.Program, run.Seed) is { } complaint)
                    complaints.Enqueue(complaint);
            });
        Assert.True(complaints.IsEmpty, string.Join('\n', complaints));
    }

    /// <summary>What the run printed, where it was not as required.</summary>
    private static async Task<string?> ComplaintAsync(string program, int seed)
    {
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine(Checkout.Root, "Dialer.Chaos", "bin", Build, "net10.0", "Dialer.Chaos.dll"), program, "--short",
            "--seed", seed.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DIALER_SCRATCH"] = Checkout.Scratch;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var printed = process.StandardOutput.ReadToEndAsync(patience.Token);
            var complaint = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            var isRequired = process.ExitCode == 0 && (await printed).TrimEnd().Split('\n')[^1].Contains("\"ok\":true", StringComparison.Ordinal);
            return isRequired ? null : $"{program}: {await printed}{await complaint}";
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string Build => Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
}
