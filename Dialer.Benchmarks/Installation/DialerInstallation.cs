using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Installation;

/// <summary>An Asterisk as the dialer is told of it.</summary>
internal sealed record NodeAddress(Uri Ari, string User, string Password);

/// <summary>
/// The whole dialer on free ports of 127.0.0.1, as <c>./dialer up</c> runs it: a private PostgreSQL with fsync on, silos and the web
/// process, each a process of its own out of its own build. It ends with this process, however that ends.
/// </summary>
internal sealed class DialerInstallation : IAsyncDisposable
{
    /// <summary>The id of the one node.</summary>
    public const string Node = "pbx";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder;
    private readonly List<Process> _processes = [];
    private readonly List<CpuLimit> _limits = [];
    private readonly List<int> _silos = [];
    private readonly List<Uri> _siloUrls = [];
    private readonly string _apiKey = RandomNumberGenerator.GetHexString(24, lowercase: true);

    private DialerInstallation(string folder) => _folder = folder;

    public required string Database { get; init; }

    public DialerApi Api { get; private set; } = null!;

    /// <summary>Process ids, for <see cref="ProcessFigures"/>.</summary>
    public int Postgres { get; private set; }

    public int Silo => _silos[0];

    public IReadOnlyList<int> Silos => _silos;

    /// <summary>Where the silos show their metrics.</summary>
    public IReadOnlyList<Uri> SiloUrls => _siloUrls;

    public int Web { get; private set; }

    /// <summary>Starts everything; the silo drives the Asterisk at <paramref name="ari"/>, which need not be there.</summary>
    public static Task<DialerInstallation> StartAsync(Uri ari, string user, string password, CancellationToken cancellationToken) =>
        StartAsync([new NodeAddress(ari, user, password)], 1, limited: false, [], cancellationToken);

    /// <summary>Starts everything; the silos drive the Asterisks <paramref name="nodes"/>, which need not be there.</summary>
    /// <param name="nodes">Known as pbx, pbx-2, pbx-3 …</param>
    /// <param name="silos">How many.</param>
    /// <param name="limited">Whether each silo gets a control group for <see cref="Limit"/>.</param>
    /// <param name="postgres">Settings of the PostgreSQL server, <c>name=value</c>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<DialerInstallation> StartAsync(
        IReadOnlyList<NodeAddress> nodes, int silos, bool limited, IReadOnlyList<string> postgres, CancellationToken cancellationToken)
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
            await installation.StartPartsAsync(port, postgres, nodes, silos, limited, cancellationToken);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Holds each silo to so much of a core.</summary>
    public void Limit(double cores) => _limits.ForEach(limit => limit.Set(cores));

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

        _limits.ForEach(limit => limit.Dispose());
        Directory.Delete(Path.Combine(_folder, "postgres"), recursive: true);
    }

    private async Task StartPartsAsync(
        int port, IReadOnlyList<string> postgres, IReadOnlyList<NodeAddress> nodes, int silos, bool limited, CancellationToken cancellationToken)
    {
        var server = Keep(Checkout.Start("postgres.sh", ["run", Path.Combine(_folder, "postgres"), Text(port), .. postgres]));
        Postgres = server.Id;
        // Read to the end: whoever writes to a pipe that nobody reads stands still once it is full.
        server.ErrorDataReceived += (_, line) => File.AppendAllText(Log("postgres"), line.Data + '\n');
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Dialer__Database"] = Database,
            ["Dialer__Media__Folder"] = Path.Combine(_folder, "media"),
            ["Dialer__ApiKey"] = _apiKey,
            ["Dialer__WebPassword"] = _apiKey,
        };
        foreach (var (index, node) in nodes.Index())
        {
            var name = $"Dialer__Nodes__{Text(index)}__";
            settings[name + "Id"] = index == 0 ? Node : $"{Node}-{Text(index + 1)}";
            settings[name + "AriUrl"] = node.Ari.ToString();
            settings[name + "User"] = node.User;
            settings[name + "Password"] = node.Password;
        }

        for (var silo = 1; silo <= silos; silo++)
        {
            settings["Dialer__Silo__Port"] = Text(FreePort());
            settings["Dialer__Silo__GatewayPort"] = Text(FreePort());
            var name = silo == 1 ? "Dialer.Silo" : $"Dialer.Silo-{Text(silo)}";
            if (limited)
            {
                _limits.Add(CpuLimit.Create(name));
                // The runtime takes such a silo for one on a machine of one core, whatever it is held to later.
                _limits[^1].Set(1);
            }

            var (process, url) = await RunAsync("Dialer.Silo", name, settings, limited ? _limits[^1].Processes : null, cancellationToken);
            _silos.Add(process);
            _siloUrls.Add(url);
        }

        (Web, var web) = await RunAsync("Dialer.Web", "Dialer.Web", settings, null, cancellationToken);
        Api = new DialerApi(web, _apiKey);
    }

    private async Task<(int Process, Uri Url)> RunAsync(
        string part, string name, Dictionary<string, string> settings, string? group, CancellationToken cancellationToken)
    {
        var url = new Uri($"http://127.0.0.1:{Text(FreePort())}");
        var build = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        var folder = Path.Combine(Checkout.Root, part, "bin", build, "net10.0");
        // In its group before it starts: the runtime looks once at how much of the machine is its own.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "[ -z \"$2\" ] || echo $$ >\"$2\"; exec dotnet \"$0\" >\"$1\" 2>&1", Path.Combine(folder, part + ".dll"), Log(name), group ?? ""])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
        };
        foreach (var (setting, value) in settings)
        {
            start.Environment[setting] = value;
        }

        start.Environment["ASPNETCORE_URLS"] = url.ToString();
        var process = Keep(Process.Start(start)!);
        using var http = new HttpClient { BaseAddress = url };
        await Eventually.SeeAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException($"{name} ended at its start: {await File.ReadAllTextAsync(Log(name), cancellationToken)}")
                : await ReadyAsync(http, cancellationToken) ? this : null,
            $"{name} being ready (see {Log(name)})",
            Patience);
        return (process.Id, url);
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
