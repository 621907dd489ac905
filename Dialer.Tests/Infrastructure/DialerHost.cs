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
using Npgsql;

namespace Dialer.Tests.Infrastructure;

/// <summary>An Asterisk as a silo is told of it.</summary>
public sealed record HostedNode(string Id, Uri AriUrl, string User, string Password);

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

    private readonly WebApplication _silo;
    private readonly WebApplication _web;
    private readonly string _media;
    private string _address = "";

    private DialerHost(WebApplication silo, WebApplication web, string media) => (_silo, _web, _media) = (silo, web, media);

    /// <summary>The REST API, with the key.</summary>
    public RestApi Api { get; private set; } = null!;

    /// <summary>The grains, as the web sees them.</summary>
    public IGrainFactory Grains => _web.Services.GetRequiredService<IGrainFactory>();

    /// <summary>The silo's clips: what it says is what it finds here.</summary>
    public MediaLibrary Media => _silo.Services.GetRequiredService<MediaLibrary>();

    /// <summary>The silo's database.</summary>
    public NpgsqlDataSource Database => _silo.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>Starts both and waits until every node is connected.</summary>
    public static async Task<DialerHost> StartAsync(PrivatePostgres postgres, params HostedNode[] nodes)
    {
        var database = await postgres.CreateDatabaseAsync(migrate: false);
        var media = Directory.CreateTempSubdirectory("dialer-media-").FullName;
        string[] common = ["--urls=http://127.0.0.1:0", $"--Dialer:Database={database}", "--Logging:LogLevel:Default=Error", "--Logging:LogLevel:Orleans=Error"];
        var (port, gateway) = FreePorts();
        var silo = Dialer.Silo.Program.Build([
            .. common, $"--Dialer:Media:Folder={media}", Number("Dialer:Silo:Port", port), Number("Dialer:Silo:GatewayPort", gateway),
            .. nodes.SelectMany((node, i) => Settings(node, Number(i)))]);
        var web = Dialer.Web.Program.Build([
            // Its static files are listed under its name, not the test assembly's.
            .. common, "--applicationName=Dialer.Web", $"--Dialer:ApiKey={ApiKey}", $"--Dialer:WebPassword={Password}"]);

        var host = new DialerHost(silo, web, media);
        try
        {
            await host.StartAsync(nodes.Length);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the web without the key.</summary>
    public HttpClient Stranger() => new() { BaseAddress = new Uri(_address) };

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        await StopAsync(_web);
        await StopAsync(_silo);
        Directory.Delete(_media, recursive: true);
    }

    private async Task StartAsync(int nodes)
    {
        using var patience = new CancellationTokenSource(Patience);
        await Dialer.Silo.Hosting.SiloHosting.MigrateAsync(_silo);
        await _silo.StartAsync(patience.Token);
        await _web.StartAsync(patience.Token);
        _address = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var client = Stranger();
        client.BaseAddress = new Uri(new Uri(_address), "/api/v1/");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        Api = new RestApi(client);
        await NodesConnectedAsync(nodes);
    }

    /// <summary>Waits until that many nodes are connected and reconciled.</summary>
    public Task NodesConnectedAsync(int nodes = 1) => Eventually.SeeAsync(
        async () => (await Api.GetAsync("nodes")).AsArray() is var all && all.Count(node => (bool)node!["connected"]!) == nodes ? all : null,
        $"{nodes} connected node(s)",
        Patience);

    private static async Task StopAsync(WebApplication app)
    {
        using var patience = new CancellationTokenSource(PatienceAtStop);
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    private static IEnumerable<string> Settings(HostedNode node, string index) =>
    [
        $"--Dialer:Nodes:{index}:Id={node.Id}", $"--Dialer:Nodes:{index}:AriUrl={node.AriUrl}",
        $"--Dialer:Nodes:{index}:User={node.User}", $"--Dialer:Nodes:{index}:Password={node.Password}",
    ];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(string name, int value) => $"--{name}={Number(value)}";

    // Both are held until both are known, or they could be the same.
    private static (int, int) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
