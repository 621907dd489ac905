using System.Diagnostics;
using System.Globalization;
using Dialer.Tests.Infrastructure;

namespace Dialer.Chaos.Installation;

/// <summary>
/// A silo or the web as a process of its own, started again two seconds after it ended, as an init system would
/// (<c>Restart=always</c>). It ends with this process, however that ends.
/// </summary>
/// <param name="program">The project whose build is run.</param>
/// <param name="name">What its log is called.</param>
/// <param name="environment">Its settings, and anything else of its environment.</param>
internal sealed class Part(string program, string name, string folder, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
{
    // Becomes the program, so that its process id is the program's; scripts/common.sh has it end with its owner.
    private const string Run = """. "$0" && end_with_owner KILL && exec dotnet "$1" >>"$2" 2>&1""";
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private Process? _process;
    private Task _supervision = Task.CompletedTask;

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    public string Name => name;

    public string Log => Path.Combine(folder, name + ".log");

    /// <summary>The process at this moment; null between an end and the next start.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_lock)
                return _process is { HasExited: false } process ? process.Id : null;
        }
    }

    public void Start() => _supervision = SuperviseAsync(_end.Token);

    /// <summary>Sends a signal by its name (<c>KILL</c>, <c>STOP</c>, <c>CONT</c>, <c>TERM</c>) to the process, if there is one.</summary>
    public Task SignalAsync(string signal) => ProcessId is { } process ? SignalAsync(signal, process) : Task.CompletedTask;

    /// <summary>Sends a signal to one process, which may be gone.</summary>
    public static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + signal, process.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until the process that is there now has ended and another one was started.</summary>
    public Task IsStartedAgainAsync()
    {
        var before = Starts;
        return Eventually.SeeAsync(() => Starts > before ? this : null, $"{name} started again", TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await SignalAsync("CONT");
        await SignalAsync("TERM");
        await _supervision;
        _end.Dispose();
    }

    private async Task SuperviseAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var process = Begin();
            try
            {
                await process.WaitForExitAsync(end);
                await Task.Delay(RestartAfter, end);
            }
            catch (OperationCanceledException)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
                await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!process.HasExited)
                    process.Kill();
            }
        }
    }

    private Process Begin()
    {
        var build = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        var bin = Path.Combine(Checkout.Root, program, "bin", build, "net10.0");
        var start = new ProcessStartInfo("/bin/bash", [
            "-c", Run, Path.Combine(Checkout.Root, "scripts", "common.sh"), Path.Combine(bin, program + ".dll"), Log])
        {
            UseShellExecute = false,
            WorkingDirectory = bin,
        };
        start.Environment["DIALER_OWNER"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        lock (_lock)
        {
            Starts++;
            return _process = Process.Start(start)!;
        }
    }
}
