using System.Globalization;
using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Speech;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>The scenario that must always work (docs/architecture.md), on a real Asterisk, as the telephone network saw it.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class ScenarioTests(AsteriskPair pair, PrivatePostgres postgres)
{
    // How well a word is heard, and how well at least where packets of it are lost (AudioMatchTests); a wrong word is below that.
    private const double Whole = 0.85;
    private const double Damaged = 0.6;
    private const int Share = 3;
    private const int Lines = 5;
    private const int Retries = 1;

    /// <summary>Everybody has another amount, and none is said as a part of another's.</summary>
    private static readonly Person[] s_people =
    [
        new("Igor Lipko", ["17605632123", "79508881234"], "-68.27", "done", "success", 1, Hears: true),
        new("Ilya mihailov", ["7760569623"], "-525.19", "done", "success", 1, Hears: true),
        new("Listens Example", [RealDialer.Number(10)], "-1204.36", "done", "success", 1, Hears: true),
        new("Hangs Up Example", [RealDialer.Number(11)], "-10.50", "failed", "tooShort", 1 + Retries),
        new("Busy Example", [RealDialer.Number(12)], "-21.08", "failed", "busy", 1 + Retries),
        new("Absent Example", [RealDialer.Number(13)], "-33.33", "failed", "noAnswer", 1 + Retries),
        new("Unknown Example", [RealDialer.Number(14)], "-4.61", "failed", "invalidNumber", 1),
        new("Moved Example", [RealDialer.Number(14), RealDialer.Number(10)], "-91.12", "done", "success", 2, Hears: true),
        new("Refuses Example", [RealDialer.Number(15)], "-5.05", "failed", "rejected", 1 + Retries),
        new("Congested Example", [RealDialer.Number(16)], "-6.72", null, "congestion", null),
        new("Wants Help Example", [RealDialer.Number(17, ends: 11)], "-2500.75", "done", "success", 1, Hears: true),
        new("Wrong Key Example", [RealDialer.Number(18, ends: 11)], "-7.44", "done", "success", 1, Hears: true),
        new("Early Media Example", [RealDialer.Number(22)], "-814.53", "done", "success", 1, Hears: true),
        new("Second Time Example", [RealDialer.Number(24)], "-319.10", "done", "success", 2, Hears: true),
        new("Busy First Example", [RealDialer.Number(25)], "-43.87", "done", "success", 2, Hears: true),
        new("Absent First Example", [RealDialer.Number(26)], "-12.95", "done", "success", 2, Hears: true),
    ];

    private readonly string _mobile = RealDialer.Number(30);

    [Fact]
    public async Task Everybody_of_the_list_comes_to_the_outcome_that_the_network_gave_them()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        var phone = await SetUpAsync(dialer);
        await pair.Network.BeginSipLogAsync();
        var list = await dialer.Api.UploadAsync(RealDialer.Campaign, Csv());
        Assert.Equal((s_people.Length, 1, 1), ((int)list["contacts"]!, (int)list["duplicates"]!, (int)list["rejected"]!));

        await EverybodyDoneAsync(dialer);
        // Whom the carrier's congestion keeps waiting would be called for ever.
        await dialer.Api.PostAsync($"{RealDialer.Campaign}/pause");
        await dialer.NothingIsLeftAsync();

        // Not what was seen before: they may have been called once more until then.
        var contacts = await dialer.Api.RowsAsync(RealDialer.Campaign, "contacts");
        var attempts = await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts");
        // The log is written a moment after a call's end.
        var calls = await Eventually.SeeAsync(
            () => pair.ReadCallLog() is var log && log.Count(call => s_people.Any(p => p.IsCalled(call.Number))) >= attempts.Count ? log : null,
            "as many calls in the network's log as there were attempts",
            TimeSpan.FromSeconds(10));
        Assert.All(s_people, person => Outcome(person, contacts, attempts, calls));
        LinesStayedWithinTheirShares(calls, await pair.Network.EndSipLogAsync());
        await StatsAgreeAsync(dialer, attempts);
        await TheOneWhoPressed1SpokeWithAnOperatorAsync(attempts, phone);
        await EverybodyHeardTheirOwnAmountAsync(dialer, calls);
        // Millions of calls would fill a disk with it.
        Assert.DoesNotContain("app 'h'", await File.ReadAllTextAsync(Path.Combine(pair.Pbx.Folder, "log", "messages"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<string> SetUpAsync(RealDialer dialer)
    {
        var phone = await dialer.AddOperatorAsync("office");
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/audio/greeting", """{"text":"Вас беспокоит ТСЖ Пример, ваша задолженность","voice":null}""");
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/audio/pay", """{"text":"Оплатите её или нажмите один, чтобы поговорить с бухгалтером","voice":null}""");
        await dialer.PutExtensionAsync("999*2*1", $$"""{"kind":"queue","members":[{"operator":"office"},{"number":"{{_mobile}}","trunk":"main"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:02:00","goTo":null}""");
        await dialer.PutExtensionAsync("999*2", """{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:05","goTo":null}""");
        await dialer.PutExtensionAsync("999*1", """{"kind":"sayText","text":"[% VAR:BALANCE %] rub","type":"money","goTo":"999*2"}""");
        await dialer.PutExtensionAsync("999", """{"kind":"autoInformer","audio":"greeting","goTo":"999*1"}""");
        await dialer.PutCampaignAsync(minimum: "00:00:10", Retries, Share);
        return phone;
    }

    private static string Csv() =>
        "\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n"
        + string.Concat(s_people.Append(s_people[0]).Select(p => $"\"{p.Name}\",\"{string.Join(';', p.Numbers)}\",\"BALANCE={p.Balance}\"\n"))
        + "\"No Number Example\",\"\",\"BALANCE=-1.00\"\n";

    private static Task EverybodyDoneAsync(RealDialer dialer) => Eventually.SeeAsync(
        async () =>
        {
            var contacts = await dialer.Api.RowsAsync(RealDialer.Campaign, "contacts");
            return s_people.All(p => p.State is null ? Text(Of(p, contacts), "lastVerdict") is not null : Text(Of(p, contacts), "state") is "done" or "failed")
                ? contacts
                : null;
        },
        "an outcome for everybody of the list",
        TimeSpan.FromMinutes(4),
        TimeSpan.FromMilliseconds(500));

    private static void Outcome(
        Person person, IReadOnlyList<JsonNode> contacts, IReadOnlyList<JsonNode> attempts, IReadOnlyList<NetworkCall> calls)
    {
        var contact = Of(person, contacts);
        var own = attempts.Where(a => Text(a, "contactId") == Text(contact, "id")).ToList();
        var made = (int)contact["attempts"]!;
        Assert.Equal((person.Name, person.State ?? "waiting", person.Verdict), (person.Name, Text(contact, "state"), Text(contact, "lastVerdict")));
        Assert.Equal((person.Name, person.Attempts ?? made), (person.Name, made));
        Assert.Equal((person.Name, made, made), (person.Name, own.Count, calls.Count(call => person.IsCalled(call.Number))));
    }

    /// <summary>By the SIP messages: the log of calls has an end a moment after the BYE that freed the line, when the next INVITE may have come.</summary>
    private void LinesStayedWithinTheirShares(IReadOnlyList<NetworkCall> calls, IReadOnlyList<SipCall> messages)
    {
        var toPeople = messages.Where(call => s_people.Any(p => p.IsCalled(call.Number))).ToList();
        Assert.Equal(calls.Count(call => s_people.Any(p => p.IsCalled(call.Number))), toPeople.Count);
        var toMobile = messages.Where(call => call.Number == _mobile).ToList();
        Assert.NotEmpty(toMobile);
        Assert.Equal(Share, SipCall.MostAtOnce(toPeople));
        Assert.InRange(SipCall.MostAtOnce(toPeople.Concat(toMobile)), Share, Lines);
    }

    private static async Task StatsAgreeAsync(RealDialer dialer, IReadOnlyList<JsonNode> attempts)
    {
        var stats = await dialer.Api.GetAsync($"{RealDialer.Campaign}/stats");
        Assert.Equal(s_people.Length, (int)stats["contacts"]!["total"]!);
        Assert.Equal(s_people.Count(p => p.State == "done"), (int)stats["contacts"]!["done"]!);
        Assert.Equal(s_people.Count(p => p.State == "failed"), (int)stats["contacts"]!["failed"]!);
        Assert.Equal(attempts.Count, (int)stats["attempts"]!["total"]!);
        Assert.Equal((1, 1), ((int)stats["operator"]!["requested"]!, (int)stats["operator"]!["connected"]!));
        Assert.Equal(
            attempts.GroupBy(a => Text(a, "verdict")!).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count())),
            stats["attempts"]!["byVerdict"]!.AsObject().Where(v => (int)v.Value! > 0)
                .OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => (v.Key, (int)v.Value!)));
    }

    private async Task TheOneWhoPressed1SpokeWithAnOperatorAsync(IReadOnlyList<JsonNode> attempts, string phone)
    {
        var attempt = Assert.Single(attempts, a => Text(a, "operator") is not null);
        Assert.Equal("Wants Help Example", Text(attempt, "name"));
        Assert.Equal("1", Text(attempt, "keys"));
        Assert.Equal("5", Text(Assert.Single(attempts, a => Text(a, "name") == "Wrong Key Example"), "keys"));
        // Phone and mobile ring together; whichever was faster has the caller.
        var taker = Text(attempt, "operator") == "office" ? $"phone-{phone}" : _mobile;
        var operators = await pair.HeardAsync(Assert.Single(await pair.CallsToAsync(taker)));
        var subscribers = await pair.HeardAsync(Assert.Single(await pair.CallsToAsync(Text(attempt, "number")!.TrimStart('+'))));
        // Without a gap; the talk is longer, but a packet may be lost in it.
        Assert.True(ToneMatch.IsHeard(subscribers.Samples, 880, TimeSpan.FromSeconds(3)), $"The subscriber heard 880 Hz for {ToneMatch.Longest(subscribers.Samples, 880)}.");
        Assert.True(ToneMatch.IsHeard(operators.Samples, 440, TimeSpan.FromSeconds(3)), $"The operator heard 440 Hz for {ToneMatch.Longest(operators.Samples, 440)}.");
    }

    private async Task EverybodyHeardTheirOwnAmountAsync(RealDialer dialer, IReadOnlyList<NetworkCall> calls)
    {
        var words = await Task.WhenAll(s_people.Select(p => dialer.WordsAsync(p.Balance)));
        var (greeting, pay) = (await dialer.AudioAsync("greeting"), await dialer.AudioAsync("pay"));
        var damaged = new List<string>();
        foreach (var person in s_people.Where(p => p.Hears))
        {
            var call = calls.Last(c => person.IsCalled(c.Number) && c.AnsweredAt is not null);
            var heard = (await pair.HeardAsync(call)).Samples;
            var scores = s_people.AsParallel().AsOrdered().Select((p, i) => (p.Name, Score: AudioMatch.Score(heard, words[i]))).ToList();
            var own = scores.Single(s => s.Name == person.Name).Score;
            var next = scores.Where(s => s.Name != person.Name).MaxBy(s => s.Score);
            Assert.True(own >= Damaged, $"{person.Name}: the own amount scored {own:0.000}.");
            Assert.True(next.Score < own - 0.2, $"{person.Name}: the amount of {next.Name} scored {next.Score:0.000}, the own {own:0.000}.");
            var around = AudioMatch.Scores(heard, [greeting, .. words[Array.IndexOf(s_people, person)], .. person.PressesKey ? [] : new[] { pay }]);
            Assert.True(around[0] >= Damaged && around[^1] >= Damaged, $"{person.Name}: greeting {around[0]:0.000}, end {around[^1]:0.000}.");
            if (own < Whole || around[0] < Whole || around[^1] < Whole)
                damaged.Add($"{person.Name}: greeting {around[0]:0.000}, amount {own:0.000}, end {around[^1]:0.000}");
        }

        // Packets of a call or two are lost where the machine stands still for a moment; what we do wrong, all hear.
        Assert.True(damaged.Count <= 2, string.Join("; ", damaged));
    }

    private static JsonNode Of(Person person, IReadOnlyList<JsonNode> contacts) => Assert.Single(contacts, c => Text(c, "name") == person.Name);

    private static string? Text(JsonNode node, string field) => node[field]?.ToString();

    /// <param name="Name">As in the list.</param>
    /// <param name="Numbers">Digits 5 and 6 say how the network lets them behave (asterisk/network/extensions.conf).</param>
    /// <param name="Balance">What they owe.</param>
    /// <param name="State">The last state; null where the carrier's fault keeps them waiting.</param>
    /// <param name="Verdict">The last attempt's.</param>
    /// <param name="Attempts">How many; null where it depends on time.</param>
    /// <param name="Hears">Listens long enough to hear the amount.</param>
    private sealed record Person(
        string Name, string[] Numbers, string Balance, string? State, string Verdict, int? Attempts, bool Hears = false)
    {
        public bool PressesKey => Numbers[0].StartsWith("799917", StringComparison.Ordinal);

        /// <summary>Ten digits may have got their country's code before them.</summary>
        public bool IsCalled(string number) => Numbers.Any(own => number.EndsWith(own, StringComparison.Ordinal));
    }
}
