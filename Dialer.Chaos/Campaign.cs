using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dialer.Benchmarks.Calls;
using Dialer.Chaos.Audit;
using Dialer.Chaos.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Chaos;

/// <summary>The one campaign of a program (<see cref="CampaignPlan"/>), through REST alone.</summary>
internal sealed class Campaign(Cluster cluster, int lines)
{
    private const string Tenant = "tenants/example";
    private const string Address = $"{Tenant}/campaigns/chaos";
    private const int Mobiles = 10;

    /// <summary>Sets everything up, with a first list; calls begin.</summary>
    public async Task StartAsync(IReadOnlyList<Person> people)
    {
        await PutAsync(Tenant, new { name = "Example", culture = "en-GB", timeZone = Hours.Zone });
        await PutAsync($"{Tenant}/trunks/main", new { host = cluster.TelephonyAddress, port = cluster.Network.SipPort, lines, callsPerSecond = 60 });
        using var tone = new ByteArrayContent(Clip.Wav(CampaignPlan.Greeting, silent: false));
        tone.Headers.ContentType = new("audio/wav");
        await SucceedAsync(HttpMethod.Put, $"{Tenant}/audio/greeting", tone);
        await PutAsync($"{Tenant}/extensions", new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["100"] = new { kind = "playback", audio = "greeting", waitForInput = true, inputTimeout = Text(CampaignPlan.WaitForKey) },
            ["100*1"] = new
            {
                kind = "queue",
                members = Enumerable.Range(0, Mobiles).Select(i => new { number = People.Number(Behaviour.IsAnOperator, i), trunk = "main" }),
                strategy = "roundRobin",
                ringTimeout = "00:00:10",
                maxWait = "00:01:00",
            },
        });
        await PutAsync(enabled: false);
        await AddAsync(people);
        await SucceedAsync(HttpMethod.Post, $"{Address}/start", null);
    }

    /// <summary>From now on it calls in these hours.</summary>
    public Task KeepHoursAsync(Hours hours)
    {
        cluster.Hours = hours;
        return PutAsync(enabled: true);
    }

    /// <summary>More people. Sent again until it was read: the second time, who is there already is a duplicate.</summary>
    public Task AddAsync(IReadOnlyList<Person> people) => Eventually.SeeAsync(
        async () => await TryUploadAsync(people) ? this : null, "a list taken", TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1));

    /// <summary>The campaign's figures; null while nobody answers.</summary>
    public Task<JsonNode?> StatsAsync() => cluster.TryGetAsync($"{Address}/stats");

    /// <summary>What it says of why it is not calling; for errors.</summary>
    public async Task<string> StatusAsync() => (await cluster.TryGetAsync($"{Address}/status"))?.ToJsonString() ?? "no answer";

    /// <summary>Lines that the trunk still counts as in use.</summary>
    public async Task<int> PermitsAsync() => (int?)(await cluster.TryGetAsync($"{Tenant}/trunks/main/status"))?["inUse"] ?? -1;

    public async Task<IReadOnlyList<AttemptRow>> AttemptsAsync() => [.. (await RowsAsync("attempts")).Select(row => new AttemptRow(
        (string)row["number"]!, (DateTimeOffset)row["startedAt"]!, (DateTimeOffset?)row["answeredAt"], (DateTimeOffset?)row["endedAt"],
        (string?)row["verdict"], (string?)row["operator"]) { Keys = (string?)row["keys"] })];

    public async Task<IReadOnlyList<ContactRow>> ContactsAsync() => [.. (await RowsAsync("contacts")).Select(row => new ContactRow(
        (string)row["numbers"]![0]!, (string)row["state"]!, (int)row["attempts"]!, (string?)row["lastVerdict"]))];

    private async Task<List<JsonNode>> RowsAsync(string what)
    {
        var rows = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var path = $"{Address}/{what}?limit=1000{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}";
            // Connections of the web that broke in the damage are found out one by one, each by whoever uses it next.
            var page = await Eventually.SeeAsync(() => cluster.TryGetAsync(path), path, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100));
            rows.AddRange(page["items"]!.AsArray().Select(row => row!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        return rows;
    }

    private async Task<bool> TryUploadAsync(IReadOnlyList<Person> people)
    {
        using var csv = RestApi.Csv("NAME,PHONE_NUMBER\n" + string.Concat(people.Select(p => $"{p.Name},{p.Number}\n")));
        try
        {
            var accepted = await cluster.Api.SendAsync(HttpMethod.Post, $"{Address}/lists?mode=add", csv);
            if (accepted.Status != HttpStatusCode.Accepted)
                return false;
            var list = await Eventually.SeeAsync(
                async () => await cluster.TryGetAsync($"{Address}/lists/{accepted.Body!["id"]}") is { } read && (string?)read["state"] != "reading" ? read : null,
                "the list read",
                TimeSpan.FromSeconds(60));
            return (string?)list["state"] == "done";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or TimeoutException)
        {
            return false;
        }
    }

    private Task PutAsync(bool enabled) => PutAsync(Address, new
    {
        name = "Chaos",
        entry = "100",
        enabled,
        trunks = new[] { new { trunk = "main", lines } },
        schedule = cluster.Hours.Schedule,
        minimumDuration = Text(CampaignPlan.Minimum),
        retries = CampaignPlan.Retries,
        retryInterval = "00:00:05",
        ringTimeout = "00:00:06",
    });

    private Task PutAsync(string path, object body) => SucceedAsync(HttpMethod.Put, path, RestApi.Json(JsonSerializer.Serialize(body)));

    private async Task SucceedAsync(HttpMethod method, string path, HttpContent? content)
    {
        var answer = await cluster.Api.SendAsync(method, path, content);
        if ((int)answer.Status is < 200 or >= 300)
            throw new InvalidOperationException($"{method} {path} answered {(int)answer.Status}: {answer.Text}");
    }

    private static string Text(TimeSpan length) => length.ToString("c", CultureInfo.InvariantCulture);
}
