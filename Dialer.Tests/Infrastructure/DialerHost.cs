using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dialer.Grains.Speech;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dialer.Tests.Infrastructure;

/// <summary>An Asterisk as a silo is told of it.</summary>
public sealed record HostedNode(string Id, Uri AriUrl, string User, string Password);

/// <summary>What a dialer of a test is made of, where it is more than nodes and a fresh database.</summary>
/// <param name="Database">Npgsql connection string; the silo makes its tables.</param>
/// <param name="Nodes">The Asterisk nodes.</param>
public sealed record HostedParts(string Database, params HostedNode[] Nodes)
{
    /// <summary>Further settings of the silo by their names (<c>Dialer:Speech:Engine</c>).</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>So many silos, each a process of its own, to be killed: <see cref="DialerHost.Processes"/>. With 0 there is one in this process.</summary>
    public int SilosApart { get; init; }

    /// <summary>What happens after the process of a silo was started and before anybody waits for it.</summary>
    public Func<SiloProcess, Task> SiloStarted { get; init; } = _ => Task.CompletedTask;

    /// <summary>Whether nodes fetch audio from the silo by HTTP, as those on other machines do, and not from the folder.</summary>
    public bool AudioByHttp { get; init; }

    /// <summary>Whether the start waits for the nodes, too.</summary>
    public bool AwaitNodes { get; init; } = true;
}

/// <summary>
/// The real silo and the real web in this process, on free ports of 127.0.0.1, with a database and a media folder of their own: the
/// whole program but for its processes. Everything ends with <see cref="DisposeAsync"/>, the web first.
/// </summary>
public sealed class DialerHost : IAsyncDisposable
{
    public const string ApiKey = "example-api-key";

    /// <summary>The password of the pages.</summary>
    public const string Password = "example-password";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PatienceAtStop = TimeSpan.FromSeconds(10);

    private readonly WebApplication? _silo;
    private readonly WebApplication _web;
    private readonly string _media;
    private string _address = "";

    private DialerHost(WebApplication? silo, IReadOnlyList<SiloProcess> processes, WebApplication web, string media)
    {
        (_silo, Processes, _web, _media) = (silo, processes, web, media);
        foreach (var app in new[] { _silo, _web }.OfType<WebApplication>())
            app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Warnings);
    }

    /// <summary>What the silo in this process, and the web, have warned of.</summary>
    internal KeptWarnings Warnings { get; } = new();

    /// <summary>The REST API, with the key.</summary>
    public RestApi Api { get; private set; } = null!;

    /// <summary>The grains, as the web sees them.</summary>
    public IGrainFactory Grains => _web.Services.GetRequiredService<IGrainFactory>();

    /// <summary>The silo's clips: what it says is what it finds here.</summary>
    public MediaLibrary Media => InThisProcess.Services.GetRequiredService<MediaLibrary>();

    /// <summary>The database of silo and web.</summary>
    public NpgsqlDataSource Database => _web.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>The silos that are processes of their own.</summary>
    public IReadOnlyList<SiloProcess> Processes { get; }

    /// <summary>The silo, where it alone is a process of its own.</summary>
    public SiloProcess Process => Processes.Single();

    private WebApplication InThisProcess => _silo ?? throw new InvalidOperationException("The silo is a process of its own.");

    /// <summary>Starts both with a database of their own and waits until every node is connected.</summary>
    public static async Task<DialerHost> StartAsync(PrivatePostgres postgres, params HostedNode[] nodes) =>
        await StartAsync(new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), nodes));

    /// <summary>Starts both and waits until they answer.</summary>
    public static async Task<DialerHost> StartAsync(HostedParts parts)
    {
        var media = Directory.CreateTempSubdirectory("dialer-media-").FullName;
        var common = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Dialer:Database"] = parts.Database,
            ["Logging:LogLevel:Default"] = "Error",
            ["Logging:LogLevel:Orleans"] = "Error",
            [$"Logging:{KeptWarnings.Name}:LogLevel:Default"] = "None",
            [$"Logging:{KeptWarnings.Name}:LogLevel:Dialer"] = "Warning",
        };
        var settings = new Dictionary<string, string>(common.Concat(parts.Nodes.SelectMany(Settings)).Concat(parts.Settings), StringComparer.Ordinal)
        {
            ["Dialer:Media:Folder"] = media,
        };
        var free = FreePorts(1 + (2 * Math.Max(1, parts.SilosApart)));
        var ports = free.Skip(1).Chunk(2)
            .Select(pair => new KeyValuePair<string, string>[] { new("Dialer:Silo:Port", Number(pair[0])), new("Dialer:Silo:GatewayPort", Number(pair[1])) });
        if (parts.AudioByHttp)
            settings["urls"] = settings["Dialer:Media:BaseUrl"] = $"http://127.0.0.1:{Number(free[0])}";
        var silos = ports.Select(pair => new Dictionary<string, string>(settings.Concat(pair), StringComparer.Ordinal)).ToList();
        var web = Dialer.Web.Program.Build([
            // Its static files are listed under its name, not the test assembly's.
            .. Arguments(common), "--applicationName=Dialer.Web", $"--Dialer:ApiKey={ApiKey}", $"--Dialer:WebPassword={Password}"]);

        var host = parts.SilosApart > 0
            ? new DialerHost(null, [.. silos.Select(silo => new SiloProcess(silo))], web, media)
            : new DialerHost(Dialer.Silo.Program.Build([.. Arguments(silos[0])]), [], web, media);
        try
        {
            await host.StartPartsAsync(parts);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the silo's own endpoints: health and metrics.</summary>
    public HttpClient SiloEndpoints() => new() { BaseAddress = new Uri(AddressOf(InThisProcess)) };

    /// <summary>A client of the web without the key.</summary>
    public HttpClient Stranger() => new() { BaseAddress = new Uri(_address) };

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        await StopAsync(_web);
        if (_silo is not null)
            await StopAsync(_silo);
        foreach (var process in Processes)
            await process.DisposeAsync();
        Directory.Delete(_media, recursive: true);
    }

    private async Task StartPartsAsync(HostedParts parts)
    {
        using var patience = new CancellationTokenSource(Patience);
        if (_silo is not null)
        {
            await Dialer.Silo.Hosting.SiloHosting.MigrateAsync(_silo);
            await _silo.StartAsync(patience.Token);
        }

        foreach (var process in Processes)
        {
            await process.StartAsync();
            await parts.SiloStarted(process);
        }

        await _web.StartAsync(patience.Token);
        _address = AddressOf(_web);
        var client = Stranger();
        client.BaseAddress = new Uri(new Uri(_address), "/api/v1/");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        Api = new RestApi(client);
        await NodesConnectedAsync(parts.AwaitNodes ? parts.Nodes.Length : 0);
    }

    /// <summary>Waits until that many nodes are connected and reconciled, and a silo is there to say so.</summary>
    public Task NodesConnectedAsync(int nodes = 1) => Eventually.SeeAsync(
        async () => await Api.SendAsync(HttpMethod.Get, "nodes") is { Status: HttpStatusCode.OK, Body: JsonArray all }
            && all.Count(node => (bool)node!["connected"]!) == nodes ? all : null,
        $"{nodes} connected node(s)",
        Patience);

    /// <summary>Waits until the web reaches a database that was away: connections of before are found dead by those who use them.</summary>
    public Task DatabaseAnswersAsync() => Eventually.SeeAsync(
        async () => await ReadsAsync() ? this : null,
        "an answer out of the database",
        Patience);

    private async Task<bool> ReadsAsync()
    {
        try
        {
            await using var command = Database.CreateCommand("select 1");
            return await command.ExecuteScalarAsync() is not null;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task StopAsync(WebApplication app)
    {
        using var patience = new CancellationTokenSource(PatienceAtStop);
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static IEnumerable<KeyValuePair<string, string>> Settings(HostedNode node, int index)
    {
        var section = $"Dialer:Nodes:{Number(index)}";
        return [
            new($"{section}:Id", node.Id), new($"{section}:AriUrl", node.AriUrl.ToString()),
            new($"{section}:User", node.User), new($"{section}:Password", node.Password)];
    }

    private static IEnumerable<string> Arguments(Dictionary<string, string> settings) => settings.Select(s => $"--{s.Key}={s.Value}");

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // All are held until all are known, or some could be the same.
    internal static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
