using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Dialer.Benchmarks.Calls;
using Dialer.Chaos.Audit;
using Dialer.Tests.Infrastructure;
using Npgsql;

namespace Dialer.Chaos.Installation;

/// <summary>
/// Two silos, the web, two Asterisk nodes, PostgreSQL, and the telephone network that they call, each a process of its own on free
/// ports of 127.0.0.1. Between every silo and every node lies a line that can be broken.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const int Silos = 2;
    private const int Nodes = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Notices = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClockPatience = TimeSpan.FromSeconds(15);
    private readonly string _apiKey = RandomNumberGenerator.GetHexString(24, lowercase: true);
    private readonly string _folder;

    private Cluster(string folder, Surroundings surroundings, SmallDisk? disk, NodeNetwork? nodeNetwork, PostgresServer postgres)
    {
        (_folder, Disk, NodeNetwork, Postgres) = (folder, disk, nodeNetwork, postgres);
        Clocks = surroundings.SiloClocks ? [.. Enumerable.Range(1, Silos).Select(i => new SiloClock(Path.Combine(folder, $"silo-{i}.clock")))] : [];
        // Who is not recorded sends nothing while he listens: the silence of 200 people at once is a third of what the cluster costs. And what is sent
        // to the network comes in packets of 60 ms: with 200 lines of the usual 20 ms, two cores do little else.
        Network = new AsteriskInstance(
            "network", Path.Combine(folder, "network"), [
            "rtp_from=20000", "rtp_to=29999", "silence=no", "packets=60",
            $"line_password={RandomNumberGenerator.GetHexString(16, lowercase: true)}", .. NetworkAddresses(nodeNetwork)]);
        AsteriskNodes = [.. Enumerable.Range(0, Nodes).Select(i => Node(folder, nodeNetwork, i))];
        Lines = nodeNetwork is null ? [.. AsteriskNodes.Select(node => new BreakableLine(node.AriUrl.Port))] : [];
        var media = Path.Combine(folder, "media");
        Directory.CreateDirectory(media);
        SiloUrls = [.. Enumerable.Range(0, Silos).Select(_ => new Uri($"http://127.0.0.1:{Ports.Next()}/"))];
        SiloParts = [.. Enumerable.Range(0, Silos).Select(i => new Part("Dialer.Silo", $"silo-{i + 1}", folder, new Dictionary<string, string>(
            Common(Text(SiloUrls[i].Port)).Concat(Clocks.Count > 0 ? Clocks[i].Environment : []), StringComparer.Ordinal)
        {
            ["Dialer__Media__Folder"] = media,
            ["Dialer__Silo__Port"] = Text(Ports.Next()),
            ["Dialer__Silo__GatewayPort"] = Text(Ports.Next()),
        }))];
        Web = new Uri($"http://127.0.0.1:{Ports.Next()}/");
        WebPart = new Part("Dialer.Web", "web", folder, Common(Text(Web.Port)));
        Api = new RestApi(new HttpClient { BaseAddress = new Uri(Web, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30) });
        Api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _apiKey);
    }

    public PostgresServer Postgres { get; }

    /// <summary>What PostgreSQL writes to, where a program asked for a small one.</summary>
    public SmallDisk? Disk { get; }

    /// <summary>The silos' clocks, in their order; none where no program asked for them.</summary>
    public IReadOnlyList<SiloClock> Clocks { get; }

    /// <summary>When the campaign may call; for whoever makes it.</summary>
    public Hours Hours { get; set; } = Hours.Always;

    public AsteriskInstance Network { get; }

    public IReadOnlyList<AsteriskInstance> AsteriskNodes { get; }

    /// <summary>The network between silos and nodes, where a program asked for one.</summary>
    public NodeNetwork? NodeNetwork { get; }

    /// <summary>Where the telephone network is called.</summary>
    public string TelephonyAddress => NodeNetwork?.TelephonyAddress ?? "127.0.0.1";

    /// <summary>The lines to the nodes' event sockets, in the nodes' order; none where there is a network.</summary>
    public IReadOnlyList<BreakableLine> Lines { get; }

    public IReadOnlyList<Part> SiloParts { get; }

    public Part WebPart { get; }

    public RestApi Api { get; }

    private Uri Web { get; }

    private IReadOnlyList<Uri> SiloUrls { get; }

    /// <summary>The network's own log: every call that has ended.</summary>
    public IReadOnlyList<NetworkCall> Calls() => Network.ReadCallLog();

    /// <summary>For how long the greeting was heard in a call that has ended; null where it was not recorded.</summary>
    public TimeSpan? HeardGreeting(NetworkCall call) =>
        Path.Combine(Network.Folder, "heard", $"{call.Number}-{call.Id}.wav") is var file && File.Exists(file) ? Recording.Read(file).Heard(Clip.Hertz) : null;

    /// <summary>Starts everything and waits until both nodes can be called through.</summary>
    public static async Task<Cluster> StartAsync(Surroundings surroundings)
    {
        var folder = Path.Combine(Checkout.Scratch, string.Create(CultureInfo.InvariantCulture, $"chaos-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        var disk = surroundings.SmallDisk ? new SmallDisk(Path.Combine(folder, "disk")) : null;
        var cluster = new Cluster(
            folder, surroundings, disk, surroundings.NodeNetwork ? new NodeNetwork(Nodes) : null,
            disk is null ? await PostgresServer.StartNewAsync() : await PostgresServer.StartNewAsync(Path.Combine(disk.Folder, "postgres"), "max_wal_size=64MB", "min_wal_size=32MB", "wal_recycle=off"));
        try
        {
            await Task.WhenAll(cluster.AsteriskNodes.Append(cluster.Network).Select(asterisk => asterisk.StartAsync()));
            await cluster.Network.BeginSipLogAsync();
            foreach (var part in cluster.SiloParts.Append(cluster.WebPart))
                part.Start();
            await cluster.NodesAreConnectedAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether somebody may look into its logs: they stay when it ends.</summary>
    public bool IsKept { get; set; } = true;

    /// <summary>Waits until the web, the silos and all nodes work together.</summary>
    public Task NodesAreConnectedAsync() => Eventually.SeeAsync(
        async () => await TryGetAsync("nodes") is JsonArray all && all.Count(node => (bool)node!["connected"]!) == Nodes ? all : null,
        $"{Nodes} connected nodes (see {_folder})",
        Patience,
        TimeSpan.FromMilliseconds(250));

    /// <summary>Waits until every silo is a member again, too: one that is still joining can't stand in for another.</summary>
    public async Task IsWholeAsync()
    {
        // Whoever was declared dead takes some seconds to notice, to end and to be started again.
        await Task.Delay(Notices);
        await Eventually.SeeAsync(
            async () => await ActiveSilosAsync() == Silos ? this : null,
            $"{Silos} active silos (see {_folder})",
            Patience,
            TimeSpan.FromMilliseconds(250));
        await NodesAreConnectedAsync();
    }

    /// <summary>Waits until a silo sees a time of day that is that far from the true one: it writes it into its answers (Date).</summary>
    public Task SeesTimeAsync(int silo, TimeSpan ahead) => Eventually.SeeAsync(
        async () =>
        {
            try
            {
                using var answer = await Api.Http.GetAsync(new Uri(SiloUrls[silo], "health/live"));
                return answer.Headers.Date is { } seen && (seen - TimeProvider.System.GetUtcNow() - ahead).Duration() < ClockTolerance ? this : null;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return null;
            }
        },
        $"silo-{silo + 1} with a clock that is {ahead} ahead",
        ClockPatience,
        TimeSpan.FromMilliseconds(250));

    /// <summary>An answer, or null where there is none at the moment.</summary>
    public async Task<JsonNode?> TryGetAsync(string path)
    {
        try
        {
            return await Api.SendAsync(HttpMethod.Get, path) is { Status: HttpStatusCode.OK, Body: { } body } ? body : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Keeps lines of text in the run's folder.</summary>
    public Task KeepAsync(string file, IEnumerable<string> lines) => File.WriteAllLinesAsync(Path.Combine(_folder, file), lines);

    /// <summary>Writes down what the database knows of calls, beside the logs: it goes with its server, and an audit may be looked into later.</summary>
    public async Task KeepRowsAsync()
    {
        foreach (var (table, order) in new[] { ("attempt", "started_at"), ("operator_leg", "started_at"), ("contact", "id") })
            await Postgres.WriteCsvAsync($"select * from {table} order by {order}", Path.Combine(_folder, $"{table}.csv"));
    }

    /// <summary>How often the trunk found lines in use that no call had. Its log alone says so: it mends that by itself.</summary>
    public int LinesLost() => SiloParts.Sum(silo => File.ReadLines(silo.Log).Count(line => line.Contains(Leftovers.LostLines, StringComparison.Ordinal)));

    /// <summary>Channels and bridges that the nodes still have, and calls that the network still has.</summary>
    public async Task<int> ChannelsLeftAsync()
    {
        var left = 0;
        foreach (var node in AsteriskNodes.Append(Network))
            foreach (var kind in new[] { "channels", "bridges" })
                left += (await node.Http.GetFromJsonAsync<JsonArray>(kind))!.Count;
        return left;
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        foreach (var part in SiloParts.Prepend(WebPart))
            await part.DisposeAsync();
        foreach (var asterisk in AsteriskNodes.Append(Network))
            await asterisk.DisposeAsync();
        foreach (var line in Lines)
            await line.DisposeAsync();
        await Postgres.DisposeAsync();
        Disk?.Dispose();
        NodeNetwork?.Dispose();
        if (!IsKept)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task<long> ActiveSilosAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(Postgres.ConnectionString() + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("""
                select count(*) from orleans_membership m
                where status = 3 and start_time = (select max(start_time) from orleans_membership o where o.port = m.port)
                """, connection);
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (NpgsqlException)
        {
            return 0;
        }
    }

    private Dictionary<string, string> Common(string httpPort)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{httpPort}",
            ["Dialer__Database"] = Postgres.ConnectionString(),
            ["Dialer__ApiKey"] = _apiKey,
            ["Dialer__WebPassword"] = _apiKey,
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        };
        foreach (var (node, i) in AsteriskNodes.Select((n, i) => (n, i)))
        {
            settings[$"Dialer__Nodes__{Text(i)}__Id"] = $"pbx-{Text(i + 1)}";
            settings[$"Dialer__Nodes__{Text(i)}__AriUrl"] = (Lines.Count == 0 ? node.AriUrl : new UriBuilder(node.AriUrl) { Port = Lines[i].Port }.Uri).ToString();
            settings[$"Dialer__Nodes__{Text(i)}__User"] = node.User;
            settings[$"Dialer__Nodes__{Text(i)}__Password"] = node.Password;
        }

        return settings;
    }

    private static string[] NetworkAddresses(NodeNetwork? network) =>
        network is null ? [] : [$"bind={network.TelephonyAddress}", $"trusted={network.NodesAtTelephony}"];

    private static AsteriskInstance Node(string folder, NodeNetwork? network, int index)
    {
        string[] settings = [$"rtp_from={10000 + (index * 5000)}", $"rtp_to={14999 + (index * 5000)}"];
        folder = Path.Combine(folder, $"pbx-{index + 1}");
        return network is null
            ? new AsteriskInstance("pbx", folder, settings)
            : new AsteriskInstance(
                "pbx", folder, network.AddressForSilos(index), network.Namespace(index), [.. settings, $"bind={network.AddressForTelephony(index)}"]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
