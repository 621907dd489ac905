using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>What is not the called person's doing: an Asterisk that dies, a gateway that is off, a carrier without a circuit.</summary>
[Collection(BusyAsteriskCollection.Name)]
public sealed class FailureTests(AsteriskPair pair, PrivatePostgres postgres)
{
    [Fact]
    public async Task Calls_that_a_killed_Asterisk_cut_short_are_interrupted_and_made_again()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var desk = await dialer.AddOperatorAsync("desk-restart");
        await ListeningPlanAsync(dialer);
        // No retry is left: what is made again has used up none.
        await dialer.PutCampaignAsync(minimum: "00:00:12", retries: 0);
        (string Name, string Number)[] people = [("First Example", RealDialer.Number(10)), ("Second Example", RealDialer.Number(10))];
        await dialer.UploadAsync([.. people.Select(p => (p.Name, p.Number, "-1.00"))]);
        foreach (var person in people)
            await dialer.SeeAttemptAsync(a => (string)a["name"]! == person.Name && a["answeredAt"] is not null, $"{person.Name} answered");

        await dialer.RestartPbxAsync();

        foreach (var person in people)
        {
            var contact = await dialer.SeeContactAsync(person.Name, c => (string)c["state"]! == "done", "done", TimeSpan.FromSeconds(90));
            Assert.Equal(("success", 2), ((string)contact["lastVerdict"]!, (int)contact["attempts"]!));
            var attempts = (await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts")).Where(a => (string)a["name"]! == person.Name);
            Assert.Equal(["interrupted", "success"], attempts.OrderBy(a => (DateTimeOffset)a["startedAt"]!).Select(a => (string?)a["verdict"]));
        }

        // The calls went out again, so the trunk was pushed; the phone's endpoint must be there, too.
        using var endpoint = await pair.Pbx.Http.GetAsync(new Uri($"endpoints/PJSIP/{desk}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, endpoint.StatusCode);
        await dialer.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_call_that_had_lasted_long_enough_when_Asterisk_died_counts_by_its_stored_answer()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await ListeningPlanAsync(dialer);
        await dialer.PutCampaignAsync(minimum: "00:00:02", retries: 0);
        await dialer.UploadAsync(("Listens Example", RealDialer.Number(10), "-1.00"));
        var answered = await dialer.SeeAttemptAsync(a => a["answeredAt"] is not null, "an answer");
        // The node notes every 2 s that it is well: that note is the last moment which is known of the call.
        await dialer.SeeNodeWellAfterAsync((DateTimeOffset)answered["answeredAt"]! + TimeSpan.FromSeconds(2.5));

        var died = await dialer.RestartPbxAsync();

        var contact = await dialer.SeeContactAsync("Listens Example", c => (string)c["state"]! != "calling", "out of the call");
        Assert.Equal(("done", "success", 1), ((string)contact["state"]!, (string)contact["lastVerdict"]!, (int)contact["attempts"]!));
        var attempt = Assert.Single(await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts"));
        Assert.InRange((DateTimeOffset)attempt["endedAt"]!, (DateTimeOffset)answered["answeredAt"]! + TimeSpan.FromSeconds(2.5), died);
        await dialer.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_gateway_that_is_switched_off_burns_no_retry_and_gets_its_calls_when_it_is_back()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await ListeningPlanAsync(dialer);
        await dialer.PutTrunkAsync(UnusedPort());
        await dialer.PutCampaignAsync(retries: 0);
        await dialer.UploadAsync(("Listens Example", RealDialer.Number(10), "-1.00"), ("Listens Too Example", RealDialer.Number(10), "-2.00"));

        var failed = await dialer.SeeAttemptAsync(RealDialer.HasEnded, "the end of a call that the gateway did not take");
        Assert.Equal("trunkDown", (string?)failed["verdict"]);
        // Every few seconds the trunk tries again, with whoever is due: in between they wait, and have not failed.
        await dialer.SeeContactAsync(
            (string)failed["name"]!, c => c["lastVerdict"] is not null && (string)c["state"]! == "waiting", "waiting, with a verdict");
        Assert.Equal("down", (string)(await dialer.Api.GetAsync($"{RealDialer.Tenant}/trunks/main/status"))["health"]!);
        await Eventually.SeeAsync(
            async () => await dialer.Api.GetAsync($"{RealDialer.Campaign}/status") is var status && (string)status["state"]! == "waiting"
                && status["reasons"]!.AsArray().Any(reason => (string)reason!["code"]! == "trunkDown") ? status : null,
            "the campaign waiting, because its trunk is down",
            TimeSpan.FromSeconds(20));

        await dialer.PutTrunkAsync(pair.Network.SipPort);
        foreach (var name in new[] { "Listens Example", "Listens Too Example" })
        {
            var reached = await dialer.SeeContactAsync(name, c => (string)c["state"]! is "done" or "failed", "reached", TimeSpan.FromSeconds(90));
            Assert.Equal(("done", "success"), ((string)reached["state"]!, (string)reached["lastVerdict"]!));
        }
    }

    [Fact]
    public async Task A_carrier_without_a_circuit_burns_no_retry()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await ListeningPlanAsync(dialer);
        await dialer.PutCampaignAsync(retries: 0);
        var number = RealDialer.Number(16);
        await dialer.UploadAsync(("Congested Example", number, "-1.00"));

        var contact = await dialer.SeeContactAsync(
            "Congested Example", c => (int)c["attempts"]! == 2 && c["nextDueAt"] is not null && (string)c["state"]! == "waiting", "called twice and waiting");

        Assert.Equal("congestion", (string)contact["lastVerdict"]!);
        Assert.Equal(2, (await pair.CallsToAsync(number, 2)).Count);
        var attempts = await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts");
        Assert.All(attempts, attempt => Assert.Equal("congestion", (string?)attempt["verdict"]));
        // The second wait is longer than the first.
        Assert.True((DateTimeOffset)contact["nextDueAt"]! - attempts.Max(attempt => (DateTimeOffset)attempt["endedAt"]!) > TimeSpan.FromSeconds(20));
        await dialer.Api.PostAsync($"{RealDialer.Campaign}/pause");
        await dialer.NothingIsLeftAsync();
    }

    /// <summary>Plays something and holds the line for 15 s.</summary>
    private static Task ListeningPlanAsync(RealDialer dialer) => dialer.Api.PutAsync(
        $"{RealDialer.Tenant}/extensions", """{"999":{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:10"}}""");

    private static int UnusedPort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }
}
