using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Installation;

/// <summary>
/// The whole dialer on free ports of 127.0.0.1, as <c>./dialer up</c> runs it: a private PostgreSQL with fsync on, a silo and the web
/// process, each a process of its own out of its own build. It ends with this process, however that ends.
/// </summary>
internal sealed class DialerInstallation : IAsyncDisposable
{
    /// <summary>The id of the one node.</summary>
    public const string Node = "pbx";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder;
    private readonly List<Process> _processes = [];
    private readonly string _apiKey = RandomNumberGenerator.GetHexString(24, lowercase: true);

    private DialerInstallation(string folder) => _folder = folder;

    public required string Database { get; init; }

    public DialerApi Api { get; private set; } = null!;

    /// <summary>Process ids, for <see cref="ProcessFigures"/>.</summary>
    public int Postgres { get; private set; }

    public int Silo { get; private set; }

    public int Web { get; private set; }

    /// <summary>Where the silo tells its metrics.</summary>
    public Uri SiloUrl { get; private set; } = null!;

    /// <summary>Starts everything; the silo drives the Asterisk at <paramref name="ari"/>, which need not be there.</summary>
    /// <param name="postgres">Settings of the PostgreSQL server, <c>name=value</c>.</param>
    public static async Task<DialerInstallation> StartAsync(
        Uri ari, string user, string password, CancellationToken cancellationToken, params IReadOnlyList<string> postgres)
    {
        var folder = Path.Combine(Checkout.Scratch, string.Create(CultureInfo.InvariantCulture, $"dialer-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        var port = FreePort();
        await Checkout.RunAsync("postgres.sh", ["init", Path.Combine(folder, "postgres")], null, cancellationToken);
        var connection = await Checkout.RunAsync(
            "postgres.sh", ["connection", Path.Combine(folder, "postgres"), Text(port)], null, cancellationToken);
        var installation = new DialerInstallation(folder) { Database = connection };
        try
        {
            await installation.StartPartsAsync(port, postgres, ari, user, password, cancellationToken);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a part has said, for errors.</summary>
    public string Log(string part) => Path.Combine(_folder, part + ".log");

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        // The last one started ends first: a silo says goodbye to its database.
        foreach (var process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
            {
                using var kill = Process.Start("kill", [process.Id == Postgres ? "-INT" : "-TERM", Text(process.Id)]);
                await kill.WaitForExitAsync();
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
                try
                {
                    await process.WaitForExitAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    process.Kill();
                }
            }

            process.Dispose();
        }

        Directory.Delete(Path.Combine(_folder, "postgres"), recursive: true);
    }

    private async Task StartPartsAsync(
        int port, IReadOnlyList<string> postgres, Uri ari, string user, string password, CancellationToken cancellationToken)
    {
        Postgres = Keep(Checkout.Start("postgres.sh", ["run", Path.Combine(_folder, "postgres"), Text(port), .. postgres])).Id;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Dialer__Database"] = Database,
            ["Dialer__Nodes__0__Id"] = Node,
            ["Dialer__Nodes__0__AriUrl"] = ari.ToString(),
            ["Dialer__Nodes__0__User"] = user,
            ["Dialer__Nodes__0__Password"] = password,
            ["Dialer__Media__Folder"] = Path.Combine(_folder, "media"),
            ["Dialer__ApiKey"] = _apiKey,
            ["Dialer__WebPassword"] = _apiKey,
            ["Dialer__Silo__Port"] = Text(FreePort()),
            ["Dialer__Silo__GatewayPort"] = Text(FreePort()),
        };
        Silo = await RunAsync("Dialer.Silo", settings, cancellationToken);
        Web = await RunAsync("Dialer.Web", settings, cancellationToken);
    }

    private async Task<int> RunAsync(string part, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var url = new Uri($"http://127.0.0.1:{Text(FreePort())}");
        var build = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        var folder = Path.Combine(Checkout.Root, part, "bin", build, "net10.0");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec dotnet \"$0\" >\"$1\" 2>&1", Path.Combine(folder, part + ".dll"), Log(part)])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["ASPNETCORE_URLS"] = url.ToString();
        var process = Keep(Process.Start(start)!);
        using var http = new HttpClient { BaseAddress = url };
        await Eventually.SeeAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException($"{part} ended at its start: {await File.ReadAllTextAsync(Log(part), cancellationToken)}")
                : await ReadyAsync(http, cancellationToken) ? this : null,
            $"{part} being ready (see {Log(part)})",
            Patience);
        if (part == "Dialer.Web")
        {
            Api = new DialerApi(url, _apiKey);
        }
        else
        {
            SiloUrl = url;
        }

        return process.Id;
    }

    private Process Keep(Process process)
    {
        _processes.Add(process);
        return process;
    }

    private static async Task<bool> ReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
