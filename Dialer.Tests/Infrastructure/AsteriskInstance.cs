using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Dialer.Tests.Infrastructure;

/// <summary>One real Asterisk on free ports of 127.0.0.1, in a folder of its own, made by <c>scripts/asterisk.sh</c>.</summary>
public sealed class AsteriskInstance : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const string Cache = "cache=";
    private readonly string _role;
    private readonly string[] _settings;
    private readonly string? _networkNamespace;
    private Process? _process;

    public AsteriskInstance(string role, string folder, params string[] settings)
        : this(role, folder, "127.0.0.1", null, settings)
    {
    }

    /// <param name="address">Where ARI listens.</param>
    /// <param name="networkNamespace">Where it runs; null for the machine's own network.</param>
    public AsteriskInstance(string role, string folder, string address, string? networkNamespace, string[] settings)
    {
        (_role, Folder, _networkNamespace, _settings) = (role, folder, networkNamespace, [$"http_bind={address}", .. settings]);
        AriUrl = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{FreeTcpPort()}/ari/"));
        SipPort = FreeUdpPort();
        Http = new HttpClient { BaseAddress = AriUrl };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
    }

    /// <summary>Its configuration, logs and sounds.</summary>
    public string Folder { get; }

    /// <summary>Ends with <c>/ari/</c>.</summary>
    public Uri AriUrl { get; }

    public string User => "dialer";

    public string Password { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    public int SipPort { get; }

    public bool IsRunning => _process is not null;

    /// <summary>Whether it goes before all others that want a core, for whoever listens to it on a busy machine. Takes root; without, nothing changes.</summary>
    public bool GoesFirst { get; init; }

    /// <summary>Its process id while it runs.</summary>
    public int Id => _process?.Id ?? throw new InvalidOperationException($"Asterisk «{_role}» does not run.");

    /// <summary>A client with this instance's address and password.</summary>
    public HttpClient Http { get; }

    /// <summary>Writes the configuration, starts Asterisk and waits until it answers over ARI.</summary>
    public async Task StartAsync()
    {
        await Checkout.RunAsync("asterisk.sh", [
            "render", _role, Folder, Setting("http", AriUrl.Port), Setting("sip", SipPort), $"password={Password}", .. _settings]);
        await ResumeAsync();
    }

    /// <summary>Ends it at once, as a power failure would: its calls are lost, and what was pushed to it too.</summary>
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

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same ports.</summary>
    public async Task ResumeAsync()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (GoesFirst)
            environment["DIALER_NICE"] = "-10";
        var process = _process = Checkout.Start("asterisk.sh", ["run", Folder], environment, _networkNamespace);
        await Eventually.SeeAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException(
                    $"Asterisk «{_role}» ended at its start. {await process.StandardError.ReadToEndAsync()} See {Folder}/log.")
                : await AnswersAsync() ? this : null,
            $"an answer of Asterisk «{_role}» over ARI (see {Folder}/log)",
            Patience);
    }

    /// <summary>Of the telephone network: every call that has ended since it started.</summary>
    public IReadOnlyList<NetworkCall> ReadCallLog() => NetworkCall.ReadLog(Path.Combine(Folder, "log", "cdr-custom", "calls.csv"));

    /// <summary>Of the telephone network: keeps every SIP message from now on, in place of what was kept before.</summary>
    public Task BeginSipLogAsync() => NetworkAsync("siplog", SipLog);

    /// <summary>Ends that, and returns the calls since by their messages.</summary>
    public async Task<IReadOnlyList<SipCall>> EndSipLogAsync()
    {
        await NetworkAsync("endsiplog");
        return SipCall.ReadLog(SipLog);
    }

    /// <summary>Runs <c>scripts/network.sh</c> on this telephone network, and returns what it printed.</summary>
    public Task<string> NetworkAsync(params string[] arguments) => Checkout.RunAsync(
        "network.sh", arguments, new Dictionary<string, string>(StringComparer.Ordinal) { ["DIALER_NETWORK"] = Folder });

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Http.Dispose();
        // Outside the folder where that has a dot in its name (asterisk.sh).
        var settings = Path.Combine(Folder, "settings");
        if (File.Exists(settings) && (await File.ReadAllLinesAsync(settings)).FirstOrDefault(s => s.StartsWith(Cache, StringComparison.Ordinal)) is { } cache
            && Directory.Exists(cache[Cache.Length..]))
            Directory.Delete(cache[Cache.Length..], recursive: true);
    }

    private string SipLog => Path.Combine(Folder, "log", "sip.pcap");

    private static string Setting(string key, int value) => string.Create(CultureInfo.InvariantCulture, $"{key}={value}");

    private static int FreeTcpPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static int FreeUdpPort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("asterisk/info?filter=status", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
