using System.Diagnostics;
using System.Globalization;

namespace Dialer.Tests.Infrastructure;

/// <summary>A silo (or another of our programs) as a process of its own, with the same settings each time it is started. It ends with this process, however that ends.</summary>
/// <param name="settings">By their names (<c>Dialer:Database</c>).</param>
/// <param name="program">The other program.</param>
public sealed class SiloProcess(IReadOnlyDictionary<string, string> settings, string program = "Dialer.Silo") : IAsyncDisposable
{
    // Becomes the silo, so that its process id is the silo's; scripts/common.sh has it end with its owner.
    private const string Run = """. "$0" && end_with_owner KILL && exec dotnet "$1" >>"$2" 2>&1""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int s_processes;

    private readonly string _log = Path.Combine(Checkout.Scratch, string.Create(
        CultureInfo.InvariantCulture, $"silo-{Environment.ProcessId}-{Interlocked.Increment(ref s_processes)}.log"));

    private Process? _process;

    /// <summary>Starts it; whether it answers is for others to see.</summary>
    public Task StartAsync()
    {
        Directory.CreateDirectory(Checkout.Scratch);
        var start = new ProcessStartInfo("/bin/bash", [
            "-c", Run, Path.Combine(Checkout.Root, "scripts", "common.sh"), Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), _log])
        {
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["DIALER_OWNER"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        // «urls» is a setting of the host, whose variables have a prefix.
        start.Environment["ASPNETCORE_URLS"] = settings["urls"];
        _process = Process.Start(start)!;
        return Task.CompletedTask;
    }

    /// <summary>Its port for other silos, by which the database knows it.</summary>
    public string Port => settings["Dialer:Silo:Port"];

    /// <summary>Waits until it has said this.</summary>
    public Task SaysAsync(string text) => Eventually.SeeAsync(
        () => File.Exists(_log) && ReadLog().Contains(text, StringComparison.Ordinal) ? text : null,
        $"«{text}» in {_log}",
        TimeSpan.FromSeconds(30));

    /// <summary>All that it has said.</summary>
    public string Log => ReadLog();

    /// <summary>What it said to its parent when it had ended.</summary>
    public int ExitCode => _process!.ExitCode;

    /// <summary>Ends it at once (SIGKILL), as a power failure would.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Asks it to end (SIGTERM) and waits until it has.</summary>
    /// <exception cref="TimeoutException">It takes longer than whoever runs a silo is told to wait.</exception>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await EndsAsync();
    }

    /// <summary>Waits until it has ended.</summary>
    /// <exception cref="TimeoutException">It takes longer than whoever runs a silo is told to wait.</exception>
    public Task EndsAsync() => _process!.WaitForExitAsync().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await KillAsync();
        File.Delete(_log);
    }

    private string ReadLog()
    {
        using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
