using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>A trunk with a login, as most providers sell them: it registers, and the network asks for its password at every call.</summary>
[Collection(BusyAsteriskCollection.Name)]
public sealed class TrunkLoginTests(AsteriskPair pair, PrivatePostgres postgres)
{
    [Fact]
    public async Task A_trunk_with_a_login_registers_and_its_calls_go_out()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await PutTrunkAsync(dialer, pair.LinePassword);
        await RegisteredAsync(online: true);
        var number = RealDialer.Number(11);
        await CallAsync(dialer, ("Listens Example", number));

        await dialer.OutcomesAsync(("Listens Example", number, "done", ["success"]));
        var trunk = await dialer.Api.GetAsync($"{RealDialer.Tenant}/trunks/main/status");
        Assert.Equal(("up", null), ((string)trunk["health"]!, (string?)trunk["lastProblem"]));

        // The registration goes with the login.
        await dialer.PutTrunkAsync(pair.Network.SipPort);
        await RegisteredAsync(online: false);
    }

    [Fact]
    public async Task A_wrong_password_burns_no_retry_is_told_and_the_right_one_gets_the_calls_out()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await PutTrunkAsync(dialer, "not-the-password");
        var number = RealDialer.Number(11);
        await CallAsync(dialer, ("Listens Example", number));

        var failed = await dialer.SeeAttemptAsync(RealDialer.HasEnded, "the end of a call that the network did not let through");
        Assert.Equal("trunkDown", (string?)failed["verdict"]);
        await dialer.SeeContactAsync("Listens Example", c => (string)c["state"]! == "waiting" && c["nextDueAt"] is not null, "waiting");
        var trunk = await dialer.Api.GetAsync($"{RealDialer.Tenant}/trunks/main/status");
        Assert.Equal("down", (string)trunk["health"]!);
        Assert.Contains("username and password", (string)trunk["lastProblem"]!, StringComparison.Ordinal);
        var reasons = (await dialer.Api.GetAsync($"{RealDialer.Campaign}/status"))["reasons"]!.AsArray();
        Assert.Contains("trunkDown", reasons.Select(r => (string?)r!["code"]));
        Assert.DoesNotContain(pair.ReadCallLog(), call => call.Number == number);

        await PutTrunkAsync(dialer, pair.LinePassword);
        await RegisteredAsync(online: true);
        await dialer.SeeContactAsync("Listens Example", c => (string)c["state"]! is "done" or "failed", "called", TimeSpan.FromSeconds(60));
        Assert.Single(await pair.CallsToAsync(number));
        var verdicts = (await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts")).OrderBy(a => (DateTimeOffset)a["startedAt"]!).Select(a => (string)a["verdict"]!);
        Assert.Equal(["trunkDown", "success"], verdicts);
        await dialer.PutTrunkAsync(pair.Network.SipPort);
        await RegisteredAsync(online: false);
    }

    private Task PutTrunkAsync(RealDialer dialer, string password) => dialer.PutTrunkAsync(
        pair.Network.SipPort, login: $"\"username\":\"line\",\"password\":\"{password}\",\"register\":true");

    private static async Task CallAsync(RealDialer dialer, (string Name, string Number) person)
    {
        await dialer.Api.PutAsync(
            $"{RealDialer.Tenant}/extensions", """{"999":{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:10"}}""");
        await dialer.PutCampaignAsync(retries: 0);
        await dialer.AddAsync(person);
    }

    /// <summary>Waits until the network knows where the login «line» is, or knows no more.</summary>
    private Task RegisteredAsync(bool online) => Eventually.SeeAsync(
        async () => JsonNode.Parse(await pair.Network.Http.GetStringAsync(new Uri("endpoints/PJSIP/line", UriKind.Relative))) is { } line
            && (string)line["state"]! == "online" == online ? line : null,
        $"the login being {(online ? "registered" : "forgotten")} at the network",
        TimeSpan.FromSeconds(20));
}
