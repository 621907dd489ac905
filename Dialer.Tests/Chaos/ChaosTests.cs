using System.Diagnostics;
using System.Globalization;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Chaos;

/// <summary>Short runs of the chaos programs, as <c>./dialer chaos NAME --short --seed N</c> runs them, each with an installation of its own.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class ChaosTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData("silo-kill", 11)]
    [InlineData("node-kill", 12)]
    [InlineData("database", 13)]
    [InlineData("events", 14)]
    public async Task Nobody_is_called_twice_or_forgotten(string program, int seed)
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
            Assert.True(process.ExitCode == 0, $"{await printed}{await complaint}");
            Assert.Contains("\"ok\":true", (await printed).TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string Build => Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
}
