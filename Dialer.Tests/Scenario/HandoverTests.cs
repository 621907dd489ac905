using System.Text.Json.Nodes;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>A silo is told to stop in the middle of calls, and another takes everything over without missing a word.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class HandoverTests(AsteriskPair pair, PrivatePostgres postgres)
{
    [Fact]
    public async Task Nothing_of_any_call_is_lost_when_the_silo_that_hears_the_node_stops()
    {
        await using var dialer = await RealDialer.StartAsync(
            pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), RealDialer.NodeOf(pair)) { SilosApart = 2 });
        // More are more packets of sound than two cores carry beside two silos that have just started: people then pick up seconds after they answered.
        await dialer.PutTrunkAsync(pair.Network.SipPort, lines: 40);
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/extensions", """
            {"999":{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:01:00"},"999*5":{"kind":"playback","audio":"greeting","waitForInput":false} }
            """);
        await dialer.PutCampaignAsync(minimum: "00:00:02", retries: 0, lines: 40);
        // Some press a key 3 to 12 seconds after they answered, the others hang up after 4 or 5: all the time something happens.
        var pressing = People(40, n => RealDialer.Number(18, ends: 3 + n % 10));
        var hanging = People(80, n => RealDialer.Number(n % 2 == 0 ? 11 : 20));
        await dialer.AddAsync([.. pressing.Zip(hanging[..40], (one, other) => new[] { one, other }).SelectMany(two => two), .. hanging[40..]]);
        await dialer.SeeAttemptAsync(a => (string?)a["keys"] == "5", "a key", TimeSpan.FromSeconds(30));

        var owner = await OwnerAsync(dialer.Host);
        var stopping = TimeProvider.System.GetUtcNow();
        await owner.StopAsync();
        var stopped = TimeProvider.System.GetUtcNow();
        Assert.NotSame(owner, await OwnerAsync(dialer.Host));

        // The web loses the gateway that it may have been using, and says 503 for a moment: it is asked afterwards.
        await Eventually.SeeAsync(
            async () => await EndedAsync(dialer.Host) == pressing.Length + hanging.Length ? "all" : null, "the end of every call", TimeSpan.FromSeconds(60));
        await dialer.OutcomesAsync([.. pressing.Concat(hanging).Select(p => (p.Name, p.Number, "done", new[] { "success" }))]);
        var attempts = await AttemptsAsync(dialer);
        Assert.True(attempts.Max(Started) > stopped, "Every call had begun before the silo was gone: the test shows too little.");
        foreach (var person in pressing)
            Assert.Equal((person.Name, "5"), (person.Name, (string?)attempts.Single(a => (string)a["name"]! == person.Name)["keys"]));
        // To the fraction of a second: of an end that nobody heard, only a time before it would be known. A machine that stands still lets the network hang up late.
        var seen = pair.ReadCallLog().Where(call => call.AnsweredAt is not null).ToLookup(call => call.Number, call => call.EndedAt - call.AnsweredAt!.Value);
        foreach (var (name, number) in hanging)
        {
            var lasted = TimeSpan.Parse((string)attempts.Single(a => (string)a["name"]! == name)["duration"]!);
            Assert.InRange(lasted, TimeSpan.FromSeconds(number[5] == '1' ? 3.9 : 4.9), Assert.Single(seen[number]) + TimeSpan.FromSeconds(0.6));
        }

        var starts = attempts.Select(Started).Order().ToList();
        var pause = starts.Zip(starts.Skip(1), (a, b) => b - a).Max();
        TestContext.Current.SendDiagnosticMessage($"Stopping took {stopped - stopping}; dialling paused for {pause}.");
        // Two or three on an idle machine; a silo that dies may take ten.
        Assert.True(pause < TimeSpan.FromSeconds(8), $"Nobody was called for {pause}; the silo was told to stop at {stopping:T}.");
    }

    private static (string Name, string Number)[] People(int count, Func<int, string> number) =>
        [.. Enumerable.Range(0, count).Select(n => number(n)).Select(made => ($"{made} Example", made))];

    private static DateTimeOffset Started(JsonNode attempt) => (DateTimeOffset)attempt["startedAt"]!;

    private static async Task<IReadOnlyList<JsonNode>> AttemptsAsync(RealDialer dialer) => [.. await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts")];

    private static async Task<long> EndedAsync(DialerHost host)
    {
        await using var command = host.Database.CreateCommand("select count(*) from attempt where ended_at is not null");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<SiloProcess> OwnerAsync(DialerHost host)
    {
        await using var command = host.Database.CreateCommand("select silo from owner where kind = 'node'");
        var silo = (string)(await command.ExecuteScalarAsync())!;
        return host.Processes.Single(process => silo.Contains($":{process.Port}:", StringComparison.Ordinal));
    }
}
