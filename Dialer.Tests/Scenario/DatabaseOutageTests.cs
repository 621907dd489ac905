using Dialer.Tests.Infrastructure;
using Dialer.Tests.Speech;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>PostgreSQL dies while calls run, and comes back: a server of this test's own, for others share theirs.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class DatabaseOutageTests(AsteriskPair pair) : IAsyncLifetime
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);
    private PostgresServer _postgres = null!;

    public async ValueTask InitializeAsync() => _postgres = await PrivatePostgres.StartDedicatedAsync();

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Calls_come_to_their_verdicts_and_new_ones_start_after_PostgreSQL_was_away()
    {
        await using var dialer = await RealDialer.StartAsync(pair, new HostedParts(_postgres.ConnectionString(), RealDialer.NodeOf(pair)));
        var mobile = RealDialer.Number(30);
        await dialer.PutTrunkAsync(pair.Network.SipPort, lines: 6);
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/extensions", $$"""
            {"999":{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:05","goTo":"998"},
             "998":{"kind":"playback","audio":"greeting","waitForInput":true,"inputTimeout":"00:01:00"},
             "999*5":{"kind":"queue","members":[{"number":"{{mobile}}","trunk":"main"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:01:00","goTo":null} }
            """);
        await dialer.PutCampaignAsync(minimum: "00:00:02", retries: 0, lines: 4);
        (string Name, string Number) talks = ("Talks Example", RealDialer.Number(18, ends: 1)), ends = ("Ends Example", RealDialer.Number(10)),
            stays = ("Stays Example", RealDialer.Number(10)), absent = ("Absent Example", RealDialer.Number(13)),
            // All four lines are taken when it comes.
            later = ("Later Example", RealDialer.Number(11));
        await dialer.AddAsync(talks);
        await dialer.SeeTalkingAsync(talks.Name);
        await dialer.AddAsync(ends, stays, absent);
        await dialer.AddAsync(later);
        await dialer.SeeAnsweredAsync(ends.Name);
        await dialer.SeeAnsweredAsync(stays.Name);

        await _postgres.CrashAsync();
        var gone = TimeProvider.System.GetUtcNow();
        await TheCallerIsLetGoWhenTheOperatorHangsUpAsync(mobile, talks.Number);
        var reason = Assert.Single((await dialer.Api.GetAsync($"{RealDialer.Campaign}/status"))["reasons"]!.AsArray());
        Assert.Equal("databaseUnavailable", (string)reason!["code"]!);
        // Longer than the minimum by then.
        await pair.CallsToAsync(absent.Number);
        await pair.PersonHangsUpAsync(ends.Number);
        // How long it is away is what is tried here; nothing is waited for.
        await Task.Delay(gone + Away - TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
        var back = TimeProvider.System.GetUtcNow();
        await _postgres.StartAsync();
        await dialer.Host.DatabaseAnswersAsync();

        await dialer.SeeAnsweredAsync(later.Name);
        await pair.PersonHangsUpAsync(stays.Number);
        await dialer.OutcomesAsync(
            (talks.Name, talks.Number, "done", ["success"]), (ends.Name, ends.Number, "done", ["success"]), (stays.Name, stays.Number, "done", ["success"]),
            (absent.Name, absent.Number, "failed", ["noAnswer"]), (later.Name, later.Number, "done", ["success"]));
        await EndedAsTheNetworkSaysAsync(dialer, ends, gone, back);
        await EndedAsTheNetworkSaysAsync(dialer, absent, gone, back);
        Assert.True(Assert.Single(await pair.CallsToAsync(later.Number)).StartedAt > back, "A call was placed that could not be written.");
        await TheNextStepWasHeardAsync(dialer, stays.Number);
    }

    private async Task TheCallerIsLetGoWhenTheOperatorHangsUpAsync(string mobile, string caller)
    {
        await pair.PersonHangsUpAsync(mobile);
        var let = Assert.Single(await pair.CallsToAsync(caller)).EndedAt - Assert.Single(await pair.CallsToAsync(mobile)).EndedAt;
        Assert.InRange(let, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1.5));
    }

    /// <summary>What is stored is when the call ended, not when that could be stored.</summary>
    private async Task EndedAsTheNetworkSaysAsync(RealDialer dialer, (string Name, string Number) person, DateTimeOffset gone, DateTimeOffset back)
    {
        var ended = Assert.Single(await pair.CallsToAsync(person.Number)).EndedAt;
        Assert.InRange(ended, gone, back);
        var attempt = (await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts")).Single(a => (string)a["name"]! == person.Name);
        Assert.InRange((DateTimeOffset)attempt["endedAt"]! - ended, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1));
    }

    private async Task TheNextStepWasHeardAsync(RealDialer dialer, string number)
    {
        var heard = await pair.HeardAsync(Assert.Single(await pair.CallsToAsync(number)));
        Assert.InRange(AudioMatch.Score(heard.Samples, [await dialer.AudioAsync("greeting")]), 0.85, 1);
    }
}
