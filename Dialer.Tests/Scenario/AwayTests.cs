using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>Asterisk runs on while its event socket is away, and does not hear what is deleted or changed.</summary>
[Collection(BusyAsteriskCollection.Name)]
public sealed class AwayTests(AsteriskPair pair, PrivatePostgres postgres)
{
    [Fact]
    public async Task Trunks_and_phones_that_were_deleted_meanwhile_are_gone_there_and_changed_ones_are_as_they_should_be()
    {
        await using var line = new CuttableLine(pair.Pbx.AriUrl.Port);
        var through = new UriBuilder(pair.Pbx.AriUrl) { Port = line.Port }.Uri;
        await using var dialer = await RealDialer.StartAsync(
            pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), RealDialer.NodeOf(pair, through)));
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/trunks/spare", """
            {"host":"127.0.0.1","port":5099,"lines":1,"callsPerSecond":1,"username":"line","password":"example","register":true,"callerId":null,"codecs":["alaw"]}
            """);
        foreach (var id in new[] { "stays", "leaves" })
            await dialer.Api.PutAsync($"{RealDialer.Tenant}/operators/{id}", """{"name":"Example","password":"example-password"}""");
        // Asterisk lists them out of a cache that it fills when it comes to it (res/ari/resource_endpoints.c), after it has answered for the change.
        await Eventually.SeeAsync(
            async () => await EndpointsAsync() is ["leaves", "stays", "t.example.main", "t.example.spare"] there ? there : null,
            "both trunks and both phones, and nothing else",
            TimeSpan.FromSeconds(5));

        await line.CutAsync();
        await AwayAsync(dialer);
        Assert.Equal(HttpStatusCode.NoContent, (await dialer.Api.SendAsync(HttpMethod.Delete, $"{RealDialer.Tenant}/trunks/spare")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await dialer.Api.SendAsync(HttpMethod.Delete, $"{RealDialer.Tenant}/operators/leaves")).Status);
        await dialer.PutTrunkAsync(pair.Network.SipPort + 1);
        Assert.Equal(4, (await EndpointsAsync()).Length);
        line.Mend();
        await dialer.Host.NodesConnectedAsync();

        await Eventually.SeeAsync(
            async () => await EndpointsAsync() is ["stays", "t.example.main"] there ? there : null, "what stays, and nothing else", TimeSpan.FromSeconds(5));
        foreach (var gone in new[] { "registration/t.example.spare", "auth/t.example.spare", "aor/t.example.spare", "aor/leaves", "auth/leaves" })
            Assert.Equal((gone, HttpStatusCode.NotFound), (gone, (await ObjectAsync(gone)).Status));
        var fields = (await ObjectAsync("aor/t.example.main")).Body!.AsArray();
        Assert.Equal($"sip:127.0.0.1:{pair.Network.SipPort + 1}", (string?)fields.Single(f => (string)f!["attribute"]! == "contact")!["value"]);
    }

    private async Task<string[]> EndpointsAsync() =>
        [.. (await pair.Pbx.Http.GetFromJsonAsync<JsonArray>("endpoints"))!.Select(e => (string)e!["resource"]!).Order(StringComparer.Ordinal)];

    private async Task<(HttpStatusCode Status, JsonNode? Body)> ObjectAsync(string path)
    {
        using var answer = await pair.Pbx.Http.GetAsync(new Uri($"asterisk/config/dynamic/res_pjsip/{path}", UriKind.Relative));
        return (answer.StatusCode, answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null);
    }

    private static Task AwayAsync(RealDialer dialer) => Eventually.SeeAsync(
        async () => (string?)(await dialer.Api.GetAsync("nodes"))[0]!["state"] == "away" ? "away" : null, "a node that is away", TimeSpan.FromSeconds(15));
}
