using System.Diagnostics;
using Dialer.Ari;

namespace Dialer.Tests.Infrastructure;

/// <summary>The fake Asterisk as a process of its own (Dialer.FakeAsterisk); it ends with this one, however that ends.</summary>
public sealed class FakeAsteriskProcess : IAsyncDisposable
{
    public const string User = "dialer";
    public const string Password = "example";

    private readonly Process _process;

    private FakeAsteriskProcess(Process process, Uri ari) => (_process, AriUrl) = (process, ari);

    /// <summary>The ARI root.</summary>
    public Uri AriUrl { get; }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <param name="script">JSON of the called people's behaviour; null: everybody answers at once, and stays.</param>
    /// <param name="log">Where its log of calls goes; null for none.</param>
    /// <param name="port">0 for a free one.</param>
    /// <exception cref="InvalidOperationException">It did not start; the message says why.</exception>
    public static async Task<FakeAsteriskProcess> StartAsync(string? script = null, string? log = null, int port = 0)
    {
        List<string> arguments = ["--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--user", User, "--password", Password];
        if (log is not null)
        {
            arguments.AddRange(["--log", log]);
        }

        if (script is not null)
        {
            Directory.CreateDirectory(Checkout.Scratch);
            var file = Path.Combine(Checkout.Scratch, $"script-{Guid.NewGuid():n}.json");
            await File.WriteAllTextAsync(file, script);
            arguments.AddRange(["--script", file]);
        }

        var build = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        var process = Checkout.Start("fake-asterisk.sh", arguments, new Dictionary<string, string>(StringComparer.Ordinal) { ["DIALER_BUILD"] = build });
        return await process.StandardOutput.ReadLineAsync() is { } address
            ? new FakeAsteriskProcess(process, new Uri(address))
            : throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    /// <summary>How a client reaches it.</summary>
    public AriOptions Options(string application) => new() { BaseUri = AriUrl, User = User, Password = Password, Application = application };

    /// <summary>Ends it without good-bye, as a machine that dies.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var end = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await end.WaitForExitAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(patience.Token);
        }

        _process.Dispose();
    }
}
