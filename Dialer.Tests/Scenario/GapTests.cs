using Dialer.Tests.Infrastructure;
using Dialer.Tests.Speech;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>
/// Nobody listens to Asterisk for some seconds while calls run, because its event socket is cut or because the silo was killed. Calls
/// end, are answered and go on meanwhile, and all of them are found again.
/// </summary>
[Collection(AsteriskCollection.Name)]
public sealed class GapTests(AsteriskPair pair, PrivatePostgres postgres)
{
    // Of sound.
    private const int ThreeSeconds = 3 * 8000;

    private static readonly TimeSpan Minimum = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ToBegin = TimeSpan.FromSeconds(4);

    private readonly string _phone = RealDialer.Number(30);
    private readonly string _mobile = RealDialer.Number(30);

    // In the gap these hang up after long enough and too early, are answered, lose their operator; the others go on.
    private readonly (string Name, string Number) _ends = ("Ends Example", RealDialer.Number(10));
    private readonly (string Name, string Number) _early = ("Early Example", RealDialer.Number(10));
    private readonly (string Name, string Number) _answers = ("Answers Example", RealDialer.Number(22));
    private readonly (string Name, string Number) _left = ("Left Example", RealDialer.Number(18, ends: 1));
    private readonly (string Name, string Number) _talks = ("Talks Example", RealDialer.Number(18, ends: 1));
    private readonly (string Name, string Number) _stays = ("Stays Example", RealDialer.Number(10));

    [Fact]
    public async Task Calls_are_found_again_after_the_event_socket_was_cut()
    {
        await using var line = new CuttableLine(pair.Pbx.AriUrl.Port);
        var through = new UriBuilder(pair.Pbx.AriUrl) { Port = line.Port }.Uri;
        await using var dialer = await RealDialer.StartAsync(
            pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), RealDialer.NodeOf(pair, through)));
        await CallsAreUpAsync(dialer);

        await line.CutAsync();
        await WhatHappensInTheGapAsync();
        line.Mend();

        await EverybodyIsFoundAgainAsync(dialer);
    }

    [Fact]
    public async Task Calls_are_found_again_by_the_silo_that_starts_after_one_was_killed()
    {
        await using var dialer = await RealDialer.StartAsync(
            pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), RealDialer.NodeOf(pair)) { SilosApart = 1 });
        await CallsAreUpAsync(dialer);

        await dialer.Host.Process.KillAsync();
        await WhatHappensInTheGapAsync();
        await dialer.Host.Process.StartAsync();

        await EverybodyIsFoundAgainAsync(dialer);
    }

    private async Task CallsAreUpAsync(RealDialer dialer)
    {
        await dialer.PutTrunkAsync(pair.Network.SipPort, lines: 10);
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/extensions", $$"""
            {"999":{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:01:00"},
             "999*5":{"kind":"queue","members":[{"number":"{{_phone}}","trunk":"main"},{"number":"{{_mobile}}","trunk":"main"}],"strategy":"linear","ringTimeout":"00:00:25","maxWait":"00:01:00","goTo":null} }
            """);
        await dialer.PutCampaignAsync(minimum: $"{Minimum}", retries: 0, lines: 6);
        await dialer.AddAsync(_ends, _stays);
        var answered = (DateTimeOffset)(await dialer.SeeAnsweredAsync(_ends.Name))["answeredAt"]!;
        await dialer.AddAsync(_left);
        await dialer.SeeTalkingAsync(_left.Name);
        await dialer.AddAsync(_talks);
        await dialer.SeeTalkingAsync(_talks.Name);
        // The node notes every 2 s that it is well: that note is the last moment which a new silo knows of the calls.
        await dialer.SeeNodeWellAfterAsync(answered + Minimum);
        await dialer.AddAsync(_early);
        await dialer.SeeAnsweredAsync(_early.Name);
        await dialer.AddAsync(_answers);
        await dialer.SeeAttemptAsync(a => (string)a["name"]! == _answers.Name, $"{_answers.Name} being called");
    }

    private async Task WhatHappensInTheGapAsync()
    {
        await pair.PersonHangsUpAsync(_early.Number);
        await pair.PersonHangsUpAsync(_ends.Number);
        await pair.PersonHangsUpAsync(_phone);
        foreach (var number in new[] { _early.Number, _ends.Number, _phone })
            await pair.CallsToAsync(number);
        await pair.PersonIsUpAsync(_answers.Number);
    }

    private async Task EverybodyIsFoundAgainAsync(RealDialer dialer)
    {
        var back = TimeProvider.System.GetUtcNow();
        await dialer.Host.NodesConnectedAsync();
        // Whose operator left is let go; the other talk goes on until its operator hangs up, too.
        await pair.CallsToAsync(_left.Number);
        Assert.DoesNotContain(pair.ReadCallLog(), call => call.Number == _talks.Number || call.Number == _mobile || call.Number == _stays.Number);
        await pair.PersonHangsUpAsync(_mobile);
        var let = Assert.Single(await pair.CallsToAsync(_talks.Number)).EndedAt - Assert.Single(await pair.CallsToAsync(_mobile)).EndedAt;
        Assert.InRange(let, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1.5));
        await pair.PersonHangsUpAsync(_stays.Number);

        // Who picked up while nobody listened has waited, and hears the plan, whose first sound may be some seconds away yet.
        await dialer.SeeAttemptAsync(
            a => (string)a["name"]! == _answers.Name && TimeProvider.System.GetUtcNow() - Minimum - ToBegin > (DateTimeOffset?)a["answeredAt"],
            $"{_answers.Name} listening");
        await pair.PersonHangsUpAsync(_answers.Number);
        var heard = await pair.HeardAsync(Assert.Single(await pair.CallsToAsync(_answers.Number)));
        Assert.InRange(AudioMatch.Score(heard.Samples, [(await dialer.AudioAsync("pay"))[..ThreeSeconds]]), 0.85, 1);
        // Of whom nobody knows how much he heard is called again, though no retry is left.
        await dialer.SeeAttemptAsync(
            a => (string)a["name"]! == _early.Name && (DateTimeOffset)a["startedAt"]! > back
                && TimeProvider.System.GetUtcNow() - Minimum > (DateTimeOffset?)a["answeredAt"],
            $"{_early.Name} called again and listening");
        await pair.PersonHangsUpAsync(_early.Number);

        await dialer.OutcomesAsync(
            (_ends.Name, _ends.Number, "done", ["success"]), (_stays.Name, _stays.Number, "done", ["success"]),
            (_left.Name, _left.Number, "done", ["success"]), (_talks.Name, _talks.Number, "done", ["success"]),
            (_early.Name, _early.Number, "done", ["interrupted", "success"]), (_answers.Name, _answers.Number, "done", ["success"]));
    }
}
