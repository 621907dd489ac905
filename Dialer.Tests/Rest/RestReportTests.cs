using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Rest;

/// <summary>What clients read of a campaign that has called: figures, reasons, rows by page and as CSV. Calls end at once here.</summary>
[Collection(DialerOnFakeCollection.Name)]
public sealed class RestReportTests(DialerOnFake dialer)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private RestApi Api => dialer.Host.Api;

    [Fact]
    public async Task Stats_have_the_fields_of_the_contract_and_the_right_figures()
    {
        var campaign = await dialer.CalledAsync(answering: 3, busy: 2);

        var stats = await Api.GetAsync($"{campaign}/stats");

        Assert.Equal(["contacts", "attempts", "talk", "operator", "lines"], Names(stats));
        Assert.Equal(["total", "waiting", "calling", "done", "failed", "withdrawn"], Names(stats["contacts"]!));
        Assert.Equal(["total", "answered", "byVerdict"], Names(stats["attempts"]!));
        Assert.Equal(["total", "average"], Names(stats["talk"]!));
        Assert.Equal(["requested", "connected"], Names(stats["operator"]!));
        Assert.Equal(["inUse", "share"], Names(stats["lines"]!));
        Assert.Equal([5, 0, 0, 3, 2, 0], stats["contacts"]!.AsObject().Select(count => (int)count.Value!));
        Assert.Equal((5, 3), ((int)stats["attempts"]!["total"]!, (int)stats["attempts"]!["answered"]!));
        Assert.Equal((3, 2), ((int)stats["attempts"]!["byVerdict"]!["success"]!, (int)stats["attempts"]!["byVerdict"]!["busy"]!));
        Assert.True(TimeSpan.TryParseExact((string)stats["talk"]!["total"]!, ["c"], CultureInfo.InvariantCulture, out _), "talk.total is no duration.");
        Assert.Equal(3, (int)stats["lines"]!["share"]!);
    }

    [Fact]
    public async Task Status_says_why_nothing_is_dialled()
    {
        var campaign = await dialer.CalledAsync(answering: 1, busy: 0);
        var finished = await Api.GetAsync($"{campaign}/status");
        Assert.Equal(["state", "reasons"], Names(finished));
        Assert.Equal("finished", (string)finished["state"]!);
        Assert.Equal(["code", "detail", "until"], Names(Assert.Single(finished["reasons"]!.AsArray())!));

        Assert.False((bool)(await Api.PostAsync($"{campaign}/pause"))!["enabled"]!);
        var paused = await Api.GetAsync($"{campaign}/status");
        Assert.Equal(("paused", "paused"), ((string)paused["state"]!, (string)paused["reasons"]![0]!["code"]!));
        Assert.True((bool)(await Api.PostAsync($"{campaign}/start"))!["enabled"]!);
        Assert.NotEqual("paused", (string)(await Api.GetAsync($"{campaign}/status"))["state"]!);
    }

    [Fact]
    public async Task A_paused_campaign_calls_nobody_until_it_is_started()
    {
        var campaign = await dialer.CampaignAsync(enabled: false);
        var number = DialerOnFake.Number();
        await Api.UploadAsync(campaign, DialerOnFake.Row("Patient Example", number));
        Assert.Equal("waiting", (string)Assert.Single(await Api.RowsAsync(campaign, "contacts"))["state"]!);
        Assert.Empty(await Api.RowsAsync(campaign, "attempts"));

        await Api.PostAsync($"{campaign}/start");

        await dialer.Asterisk.WaitForCallAsync(number, Patience);
        await dialer.FinishedAsync(campaign, 1);
    }

    [Fact]
    public async Task Outside_the_schedule_the_status_says_so_and_until_when()
    {
        var campaign = await dialer.CampaignAsync(enabled: true, """[{"days":["mon"],"from":"03:00","to":"03:01"}]""");
        await Api.UploadAsync(campaign, DialerOnFake.Row("Patient Example", DialerOnFake.Number()));
        var status = await Api.GetAsync($"{campaign}/status");
        Assert.Equal("waiting", (string)status["state"]!);
        var reason = status["reasons"]!.AsArray().Single(r => (string)r!["code"]! == "outsideSchedule")!;
        Assert.True((DateTimeOffset)reason["until"]! > TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Contacts_and_attempts_have_the_fields_of_the_contract()
    {
        var campaign = await dialer.CalledAsync(answering: 1, busy: 0);
        var contact = Assert.Single(await Api.RowsAsync(campaign, "contacts"));
        Assert.Equal(["id", "name", "numbers", "variables", "state", "attempts", "nextDueAt", "lastVerdict"], Names(contact));
        Assert.Equal(("Answers 1", "done", 1, "success"), ((string)contact["name"]!, (string)contact["state"]!, (int)contact["attempts"]!, (string)contact["lastVerdict"]!));
        Assert.Equal("-68.27", (string)contact["variables"]!["BALANCE"]!);
        var attempt = Assert.Single(await Api.RowsAsync(campaign, "attempts"));
        Assert.Equal(
            ["id", "contactId", "name", "number", "trunk", "startedAt", "answeredAt", "endedAt", "duration", "verdict", "cause", "keys", "operator"],
            Names(attempt));
        Assert.Equal(((long)contact["id"]!, "main", "success"), ((long)attempt["contactId"]!, (string)attempt["trunk"]!, (string)attempt["verdict"]!));
        Assert.Equal(contact["numbers"]![0]!.ToString(), (string)attempt["number"]!);
    }

    [Theory]
    [InlineData("contacts", "?sort=-name")]
    [InlineData("attempts", "?sort=name")]
    [InlineData("contacts", "?state=done,failed")]
    public async Task Pages_follow_each_other_without_gap_or_repetition(string what, string query)
    {
        var campaign = await dialer.CalledAsync(answering: 4, busy: 3);
        var ids = new List<string>();
        string? next = null;
        do
        {
            var page = await Api.GetAsync($"{campaign}/{what}{query}&limit=2{(next is null ? "" : $"&cursor={Uri.EscapeDataString(next)}")}");
            Assert.InRange(page["items"]!.AsArray().Count, 1, 2);
            ids.AddRange(page["items"]!.AsArray().Select(row => row!["id"]!.ToString()));
            next = (string?)page["next"];
        }
        while (next is not null);

        Assert.Equal(7, ids.Count);
        Assert.Equal(7, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Filters_choose_rows_and_a_misspelt_one_is_refused()
    {
        var campaign = await dialer.CalledAsync(answering: 2, busy: 1);
        Assert.Equal(2, (await Api.GetAsync($"{campaign}/contacts?state=done"))["items"]!.AsArray().Count);
        var busy = Assert.Single((await Api.GetAsync($"{campaign}/attempts?verdict=busy"))["items"]!.AsArray())!;
        Assert.Equal(17, (int)busy["cause"]!);
        Assert.Single((await Api.GetAsync($"{campaign}/contacts?number={(string)busy["number"]!}"))["items"]!.AsArray());
        Assert.Empty((await Api.GetAsync($"{campaign}/attempts?to=2026-01-01T00:00:00Z"))["items"]!.AsArray());
        foreach (var (query, field) in new[] { ("stat=done", "stat"), ("state=gone", "state"), ("limit=1001", "limit"), ("from=yesterday", "from"), ("sort=age", "sort"), ("cursor=x", "cursor") })
        {
            var refused = await Api.SendAsync(HttpMethod.Get, $"{campaign}/contacts?{query}");
            Assert.True((refused.Status, refused.Field) == (HttpStatusCode.BadRequest, field), $"{query}: {refused.Status} {refused.Text}");
        }
    }

    [Fact]
    public async Task Everything_can_be_had_as_csv()
    {
        var campaign = await dialer.CalledAsync(answering: 2, busy: 1);
        var contacts = (await Api.GetTextAsync($"{campaign}/contacts.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, contacts.Length);
        Assert.StartsWith("id,name,numbers,variables,state,attempts,nextDueAt,lastVerdict", contacts[0].TrimStart('\uFEFF'), StringComparison.Ordinal);
        var attempts = (await Api.GetTextAsync($"{campaign}/attempts.csv?verdict=busy")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, attempts.Length);
        Assert.Contains(",busy,17,", attempts[1], StringComparison.Ordinal);
    }

    private static string[] Names(JsonNode node) => [.. node.AsObject().Select(field => field.Key)];
}
