using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Speech;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>The way to an operator on a real Asterisk: whom a queue rings, in which order, and that nothing rings on.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class OperatorTests(AsteriskPair pair, PrivatePostgres postgres)
{
    // From one leg's end to another's: our reaction, and the network's clock and log.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Where_all_ring_the_mobile_that_answers_has_the_caller_and_the_silent_phone_stops_ringing()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var silent = await dialer.AddOperatorAsync("silent-all");
        var mobile = RealDialer.Number(30);

        var caller = await CallAsync(dialer, "ringAll", $$"""{"operator":"silent-all"},{"number":"{{mobile}}","trunk":"main"}""");

        Assert.Equal(mobile, (string?)caller.Attempt["operator"]);
        var taken = Assert.Single(await pair.CallsToAsync(mobile));
        var silentCall = Assert.Single(await pair.CallsToAsync($"phone-{silent}"));
        Assert.Null(silentCall.AnsweredAt);
        Assert.InRange(silentCall.EndedAt - taken.AnsweredAt!.Value, -AtOnce, AtOnce);
        Assert.Equal("74950000000", taken.CallerId);
        HeardEachOther((await pair.HeardAsync(caller.Call)).Samples, (await pair.HeardAsync(taken)).Samples);
    }

    [Fact]
    public async Task One_after_the_other_the_second_phone_rings_when_the_first_has_rung_its_time()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var silent = await dialer.AddOperatorAsync("silent-linear");
        var desk = await dialer.AddOperatorAsync("desk-linear");

        var caller = await CallAsync(dialer, "linear", """{"operator":"silent-linear"},{"operator":"desk-linear"}""", ringTimeout: 3);

        Assert.Equal("desk-linear", (string?)caller.Attempt["operator"]);
        var first = Assert.Single(await pair.CallsToAsync($"phone-{silent}"));
        var second = Assert.Single(await pair.CallsToAsync($"phone-{desk}"));
        Assert.InRange((first.EndedAt - first.StartedAt).TotalSeconds, 2.5, 4.5);
        Assert.InRange(second.StartedAt - first.EndedAt, -AtOnce, AtOnce);
        Assert.True(second.StartedAt - first.StartedAt > TimeSpan.FromSeconds(2.5), "The second rang while the first still did.");
        HeardEachOther((await pair.HeardAsync(caller.Call)).Samples, (await pair.HeardAsync(second)).Samples);
    }

    [Fact]
    public async Task By_turns_the_next_caller_gets_the_next_phone()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await dialer.AddOperatorAsync("desk-a");
        await dialer.AddOperatorAsync("desk-b");
        await PlanAsync(dialer, "roundRobin", """{"operator":"desk-a"},{"operator":"desk-b"}""");
        await dialer.PutCampaignAsync(lines: 1);

        await dialer.UploadAsync(("First Example", Caller(), "-1.00"), ("Second Example", Caller(), "-2.00"), ("Third Example", Caller(), "-3.00"));
        await dialer.SeeContactAsync("Third Example", contact => (string)contact["state"]! == "done", "done", TimeSpan.FromSeconds(90));

        var attempts = await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts");
        Assert.Equal(
            ["desk-a", "desk-b", "desk-a"],
            attempts.OrderBy(a => (DateTimeOffset)a["startedAt"]!).Select(a => (string?)a["operator"]));
        await dialer.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_nobody_answers_the_caller_goes_on_or_is_let_go_after_the_longest_wait(bool goesOn)
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var silent = await dialer.AddOperatorAsync(goesOn ? "silent-wait" : "silent-end");

        var caller = await CallAsync(
            dialer, "ringAll", $$"""{"operator":"{{(goesOn ? "silent-wait" : "silent-end")}}"}""", maxWait: 4, goTo: goesOn ? "\"998\"" : "null");

        Assert.Null(caller.Attempt["operator"]);
        Assert.Equal("success", (string?)caller.Attempt["verdict"]);
        var rung = Assert.Single(await pair.CallsToAsync($"phone-{silent}"));
        Assert.InRange((rung.EndedAt - rung.StartedAt).TotalSeconds, 3, 5.5);
        // Its own hang-up would come 10 s after the key.
        Assert.True(caller.Call.EndedAt - rung.StartedAt < TimeSpan.FromSeconds(9), $"The caller was held for {caller.Call.EndedAt - rung.StartedAt}.");
        var sorry = AudioMatch.Score((await pair.HeardAsync(caller.Call)).Samples, [await dialer.AudioAsync("sorry")]);
        Assert.True(goesOn ? sorry >= 0.85 : sorry < 0.6, $"The last words scored {sorry:0.000}.");
        var stats = await dialer.Api.GetAsync($"{RealDialer.Campaign}/stats");
        Assert.Equal((1, 0), ((int)stats["operator"]!["requested"]!, (int)stats["operator"]!["connected"]!));
    }

    [Fact]
    public async Task When_the_caller_hangs_up_while_waiting_nothing_rings_on()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var silent = await dialer.AddOperatorAsync("silent-left");
        var mobile = RealDialer.Number(31);

        var caller = await CallAsync(dialer, "ringAll", $$"""{"operator":"silent-left"},{"number":"{{mobile}}","trunk":"main"}""");

        foreach (var rung in new[] { Assert.Single(await pair.CallsToAsync($"phone-{silent}")), Assert.Single(await pair.CallsToAsync(mobile)) })
        {
            Assert.Null(rung.AnsweredAt);
            Assert.True(rung.StartedAt < caller.Call.EndedAt - TimeSpan.FromSeconds(5), "It did not ring while the caller waited.");
            Assert.InRange(rung.EndedAt - caller.Call.EndedAt, -AtOnce, AtOnce);
        }
    }

    [Fact]
    public async Task When_the_operator_hangs_up_the_callers_call_ends()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        // Hangs up 4 s after its answer.
        var mobile = RealDialer.Number(11);

        var caller = await CallAsync(dialer, "ringAll", $$"""{"number":"{{mobile}}","trunk":"main"}""");

        Assert.Equal(mobile, (string?)caller.Attempt["operator"]);
        var taken = Assert.Single(await pair.CallsToAsync(mobile));
        Assert.InRange((taken.EndedAt - taken.AnsweredAt!.Value).TotalSeconds, 3.5, 5.5);
        Assert.InRange(caller.Call.EndedAt - taken.EndedAt, -AtOnce, AtOnce);
    }

    [Fact]
    public async Task An_office_phone_that_dials_999_hears_what_a_contact_would_hear()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var desk = await dialer.AddOperatorAsync("desk-listens");
        await dialer.PutExtensionAsync("999*2", """{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:01","goTo":null}""");
        await dialer.PutCampaignAsync(enabled: false);
        await dialer.UploadAsync(("Sample Example", RealDialer.Number(10), "-1204.36"));

        IReadOnlyList<short[]> clips = [await dialer.AudioAsync("greeting"), .. await dialer.WordsAsync("-1204.36"), await dialer.AudioAsync("pay")];
        var (heard, scores) = (Array.Empty<short>(), Enumerable.Repeat(0.0, clips.Count));
        // A machine that stands still for a moment loses a word; what we leave out is missing in every call.
        for (var calls = 0; calls < 3 && scores.Min() < 0.85; calls++)
        {
            var call = await pair.DialAsync(desk, "999");
            await dialer.NothingIsLeftAsync(TimeSpan.FromSeconds(60));
            heard = (await pair.HeardAsync(call)).Samples;
            scores = [.. AudioMatch.Scores(heard, clips).Zip(scores, Math.Max)];
        }

        Assert.All(scores, score => Assert.InRange(score, 0.85, 1));
        Assert.True(AudioMatch.Score(heard, await dialer.WordsAsync("-68.27")) < 0.6, "Another amount was heard, too.");
        Assert.Empty(await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts"));
    }

    /// <summary>One subscriber who presses 1 two seconds after the answer, talks for 10 s and hangs up; everything is over when this returns.</summary>
    private async Task<(JsonNode Attempt, NetworkCall Call)> CallAsync(
        RealDialer dialer, string strategy, string members, int ringTimeout = 25, int maxWait = 60, string goTo = "null")
    {
        await PlanAsync(dialer, strategy, members, ringTimeout, maxWait, goTo);
        await dialer.PutCampaignAsync();
        var number = Caller();
        await dialer.UploadAsync(("Caller Example", number, "-1.00"));
        var attempt = await dialer.SeeAttemptAsync(RealDialer.HasEnded, "the call's end");
        await dialer.NothingIsLeftAsync();
        return (attempt, Assert.Single(await pair.CallsToAsync(number)));
    }

    private static async Task PlanAsync(
        RealDialer dialer, string strategy, string members, int ringTimeout = 25, int maxWait = 60, string goTo = "null")
    {
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/audio/sorry", """{"text":"Никто не подошёл к телефону","voice":null}""");
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/extensions", $$"""
            {"998":{"kind":"playback","audio":"sorry"},
             "999":{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:20"},
             "999*1":{"kind":"queue","members":[{{members}}],"strategy":"{{strategy}}","ringTimeout":"00:00:{{ringTimeout:00}}","maxWait":"00:0{{maxWait / 60}}:{{maxWait % 60:00}}","goTo":{{goTo}} } }
            """);
    }

    private static string Caller() => RealDialer.Number(17, ends: 2);

    private static void HeardEachOther(short[] caller, short[] operators)
    {
        Assert.True(ToneMatch.IsHeard(caller, 880, TimeSpan.FromSeconds(3)), $"The caller heard 880 Hz for {ToneMatch.Longest(caller, 880)}.");
        Assert.True(ToneMatch.IsHeard(operators, 440, TimeSpan.FromSeconds(3)), $"The operator heard 440 Hz for {ToneMatch.Longest(operators, 440)}.");
    }
}
