using System.Net;
using System.Net.Http.Json;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Silo.Hosting;
using Dialer.Storage.Database;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Orleans.Runtime;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>When a silo says that it can do its work, by the rule alone.</summary>
public sealed class ReadinessRuleTests
{
    private static readonly NodeStatus Here = new("one", true, "22.10.1", 3, null);
    private static readonly NodeStatus Away = new("two", false, null, 0, "not connected yet");
    private static readonly SiloCondition Well = new(Started: true, Stopping: false, DatabaseState.Well, SiloStatus.Active, [Here]);

    public static TheoryData<SiloCondition, string> Conditions => new()
    {
        { Well, "" },
        { Well with { Nodes = [Away, Here] }, "" },
        { Well with { Nodes = [Away] }, "noNode" },
        { Well with { Database = DatabaseState.Away }, "databaseUnavailable" },
        { Well with { Database = DatabaseState.ReadOnly }, "databaseUnavailable" },
        { Well with { Refused = "could not extend file: No space left on device" }, "databaseUnavailable" },
        { Well with { Database = DatabaseState.Away, Refused = "No space left on device" }, "databaseUnavailable" },
        { Well with { Status = SiloStatus.Dead }, "notInCluster" },
        { Well with { Status = SiloStatus.Joining }, "notInCluster" },
        { Well with { Started = false, Status = SiloStatus.None, Nodes = [Away] }, "starting noNode" },
        { Well with { Stopping = true, Status = SiloStatus.ShuttingDown }, "stopping" },
        { Well with { Database = DatabaseState.Away, Nodes = [Away] }, "databaseUnavailable noNode" },
    };

    [Theory]
    [MemberData(nameof(Conditions))]
    public void Every_reason_against_it_is_told(SiloCondition silo, string codes)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var readiness = ReadinessRule.Decide(silo);
        Assert.Equal(codes, string.Join(' ', readiness.Reasons.Select(r => r.Code)));
        Assert.Equal(codes.Length == 0, readiness.Ready);
    }

    [Fact]
    public void Whoever_reads_it_learns_what_is_wrong_with_each_node() =>
        Assert.Contains("two: not connected yet", Assert.Single(ReadinessRule.Decide(Well with { Nodes = [Away] }).Reasons).Detail, StringComparison.Ordinal);
}

/// <summary>A real silo whose database and Asterisk go away, and come back.</summary>
public sealed class ReadinessTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private PostgresServer _postgres = null!;
    private FakeAsterisk _asterisk = null!;
    private DialerHost _host = null!;
    private HttpClient _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PrivatePostgres.StartDedicatedAsync();
        _asterisk = await FakeAsterisk.CreateAsync();
        _host = await DialerHost.StartAsync(new HostedParts(
            _postgres.ConnectionString(), new HostedNode("fake", _asterisk.BaseUri, FakeAsterisk.User, FakeAsterisk.Password)));
        _silo = _host.SiloEndpoints();
    }

    public async ValueTask DisposeAsync()
    {
        _silo.Dispose();
        await _host.DisposeAsync();
        await _asterisk.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task A_silo_is_not_ready_while_its_database_or_every_node_is_away()
    {
        await SeesAsync(HttpStatusCode.OK);

        await _asterisk.StopAsync();
        await SeesAsync(HttpStatusCode.ServiceUnavailable, "noNode");
        await _asterisk.StartAsync();
        await SeesAsync(HttpStatusCode.OK);

        await _postgres.CrashAsync();
        Assert.Contains("databaseUnavailable", (await ReadAsync()).Codes);
        using var live = await _silo.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await _postgres.StartAsync();
        await SeesAsync(HttpStatusCode.OK);
    }

    private Task SeesAsync(HttpStatusCode status, params string[] codes) => Eventually.SeeAsync(
        async () => await ReadAsync() is var now && now.Status == status && now.Codes.SequenceEqual(codes) ? now.Codes : null,
        $"{status} {string.Join(' ', codes)}",
        Patience);

    private async Task<(HttpStatusCode Status, string[] Codes)> ReadAsync()
    {
        using var answer = await _silo.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        var readiness = await answer.Content.ReadFromJsonAsync<Readiness>(TestContext.Current.CancellationToken);
        Assert.Equal(readiness!.Ready, answer.StatusCode == HttpStatusCode.OK);
        return (answer.StatusCode, [.. readiness.Reasons.Select(r => r.Code)]);
    }
}
