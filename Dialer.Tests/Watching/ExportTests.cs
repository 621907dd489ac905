using System.Text;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>What a silo in a process of its own sends and prints: traces to a collector, its log as JSON.</summary>
public sealed class ExportTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Number = "79161110077";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<byte[]> _received = new();
    private WebApplication _collector = null!;
    private FakeAsterisk _asterisk = null!;

    public async ValueTask InitializeAsync()
    {
        _asterisk = await FakeAsterisk.CreateAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue(body.ToArray());
        });
        await _collector.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _asterisk.DisposeAsync();
    }

    [Fact]
    public async Task A_collector_gets_the_trace_of_an_attempt_without_its_number()
    {
        var address = _collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await using var host = await StartAsync(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        });
        var attempt = await CallAsync(host);

        var trace = Convert.FromHexString(attempt.ToString("N"));
        await Eventually.SeeAsync(() => _received.FirstOrDefault(Carries(trace, "end")), "the verdict's span at the collector", Patience);
        Assert.Contains(_received, part => Carries(trace, "claim")(part));
        Assert.Contains(_received, part => Carries(trace, "dialer-silo")(part));
        Assert.DoesNotContain(_received, part => Contains(part, Encoding.UTF8.GetBytes(Number)));
    }

    [Fact]
    public async Task Every_line_of_a_JSON_log_is_JSON_and_those_of_an_attempt_carry_its_id()
    {
        await using var host = await StartAsync(new() { ["Dialer:Logs"] = "json", ["Logging:LogLevel:Dialer"] = "Debug" });
        var attempt = await CallAsync(host);

        var ended = await Eventually.SeeAsync(
            () => Lines(host.Process.Log).SingleOrDefault(line => ((string)line["Message"]!).StartsWith($"Attempt {attempt} ended", StringComparison.Ordinal)),
            "the attempt's end in the log",
            Patience);
        Assert.Equal("Dialer.Grains.Contacts.ContactGrain", (string)ended["Category"]!);
        Assert.Contains(ended["Scopes"]!.AsArray(), scope => (string?)scope!["TraceId"] == attempt.ToString("N"));
    }

    /// <summary>Those that are whole: the last one may still be under way.</summary>
    private static List<JsonNode> Lines(string log) =>
        [.. log[..(log.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    private async Task<DialerHost> StartAsync(Dictionary<string, string> settings) => await DialerHost.StartAsync(
        new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), new HostedNode("fake", _asterisk.BaseUri, FakeAsterisk.User, FakeAsterisk.Password))
        {
            SilosApart = 1,
            Settings = settings,
        });

    private static async Task<Guid> CallAsync(DialerHost host)
    {
        await host.Api.PutAsync("tenants/example", """{"name":"ТСЖ","culture":"ru-RU","timeZone":"Europe/Moscow"}""");
        await host.Api.PutAsync("tenants/example/trunks/main", """{"host":"127.0.0.1","port":5070,"lines":5,"callsPerSecond":100}""");
        await host.Api.PutAsync("tenants/example/extensions/998", """{"kind":"playback","audio":"pay","waitForInput":false,"goTo":null}""");
        await host.Api.PutAsync("tenants/example/campaigns/debts", """
            {"name":"Долги","entry":"998","enabled":true,"trunks":[{"trunk":"main","lines":3}],"schedule":[],"minimumDuration":"00:00:00","retries":0}
            """);
        await host.Api.UploadAsync("tenants/example/campaigns/debts", $"\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n\"Anna\",\"{Number}\",\"BALANCE=-1\"\n");
        var attempt = await Eventually.SeeAsync(
            async () => (await host.Api.RowsAsync("tenants/example/campaigns/debts", "attempts")).SingleOrDefault(a => a["verdict"] is not null),
            "an attempt that ended",
            Patience);
        return Guid.Parse((string)attempt["id"]!);
    }

    private static Func<byte[], bool> Carries(byte[] trace, string word) => part => Contains(part, trace) && Contains(part, Encoding.UTF8.GetBytes(word));

    private static bool Contains(byte[] part, byte[] wanted) => part.AsSpan().IndexOf(wanted) >= 0;
}
