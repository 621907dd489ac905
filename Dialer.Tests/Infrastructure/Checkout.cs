using System.Diagnostics;
using System.Globalization;

namespace Dialer.Tests.Infrastructure;

/// <summary>Where this checkout and its scratch folder are, and how its scripts are run.</summary>
public static class Checkout
{
    /// <summary>The folder with <c>Dialer.sln</c>, found upwards from the running test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary><c>DIALER_SCRATCH</c>, or <c>.dialer/test</c> of the checkout: what tests may fill and empty.</summary>
    public static string Scratch { get; } =
        Environment.GetEnvironmentVariable("DIALER_SCRATCH") is { Length: > 0 } given
            ? given
            : Path.Combine(Root, ".dialer", "test");

    /// <summary>Runs <c>scripts/{script}</c> to its end and returns what it printed; throws with its complaint if it failed.</summary>
    public static async Task<string> RunAsync(
        string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellationToken = default)
    {
        using var process = Start(script, arguments, environment);
        var printed = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var complaint = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            var said = await complaint;
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"scripts/{script} failed with exit code {process.ExitCode}: {said}"));
        }

        return (await printed).Trim();
    }

    /// <summary>Starts <c>scripts/{script}</c>. A server that it becomes ends with this test process, however that ends.</summary>
    /// <param name="networkNamespace">The network namespace that it runs in; null for the machine's own network.</param>
    public static Process Start(
        string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? networkNamespace = null)
    {
        var path = Path.Combine(Root, "scripts", script);
        var start = new ProcessStartInfo(
            networkNamespace is null ? path : "ip", networkNamespace is null ? arguments : ["netns", "exec", networkNamespace, path, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DIALER_OWNER"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"scripts/{script} could not be started.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dialer.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no Dialer.sln above {AppContext.BaseDirectory}; run the tests from the checkout.");
    }
}
