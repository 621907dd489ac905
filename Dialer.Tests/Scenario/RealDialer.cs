using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Speech;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>
/// The whole dialer on a real Asterisk and a simulated telephone network, with one tenant and one trunk of 5 lines, set up and
/// watched through REST alone. At its end the pbx is left without calls, whatever the test did.
/// </summary>
public sealed class RealDialer : IAsyncDisposable
{
    public const string Tenant = "tenants/example";
    public const string Campaign = $"{Tenant}/campaigns/debts";
    public const string TrunkKey = "example/main";
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static int s_people = Random.Shared.Next(500) * 100;

    private readonly AsteriskPair _pair;
    private readonly List<string> _phones = [];

    private RealDialer(AsteriskPair pair, DialerHost host) => (_pair, Host) = (pair, host);

    public DialerHost Host { get; }

    public RestApi Api => Host.Api;

    public static async Task<RealDialer> StartAsync(AsteriskPair pair, PrivatePostgres postgres) =>
        await StartAsync(pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), NodeOf(pair)));

    /// <summary>The same with parts that a test breaks.</summary>
    public static async Task<RealDialer> StartAsync(AsteriskPair pair, HostedParts parts)
    {
        var dialer = new RealDialer(pair, await DialerHost.StartAsync(parts));
        await dialer.Api.PutAsync(Tenant, """{"name":"ТСЖ «Пример»","culture":"ru-RU","timeZone":"Europe/Moscow"}""");
        await dialer.PutTrunkAsync(pair.Network.SipPort);
        return dialer;
    }

    /// <summary>The pbx as a silo is told of it, by its own address or by another that leads there.</summary>
    public static HostedNode NodeOf(AsteriskPair pair, Uri? through = null) => new("pbx", through ?? pair.Pbx.AriUrl, pair.Pbx.User, pair.Pbx.Password);

    /// <summary>The trunk «main»; a port where nobody listens makes it a gateway that is switched off.</summary>
    public Task PutTrunkAsync(int port, int lines = 5, string login = "\"username\":null,\"password\":null,\"register\":false") => Api.PutAsync(
        $"{Tenant}/trunks/main",
        $$"""{"host":"127.0.0.1","port":{{Text(port)}},"lines":{{Text(lines)}},"callsPerSecond":10,{{login}},"callerId":"74950000000","codecs":["alaw","ulaw"]}""");

    public Task PutExtensionAsync(string number, string json) => Api.PutAsync($"{Tenant}/extensions/{number}", json);

    /// <summary>The campaign «debts», that calls at any hour.</summary>
    public Task PutCampaignAsync(string minimum = "00:00:01", int retries = 0, int lines = 3, bool enabled = true) => Api.PutAsync(
        Campaign,
        $$"""{"name":"Долги","entry":"999","enabled":{{(enabled ? "true" : "false")}},"trunks":[{"trunk":"main","lines":{{Text(lines)}}}],"schedule":[{"days":["mon","tue","wed","thu","fri","sat","sun"],"from":"00:00","to":"00:00"}],"startDate":"2026-01-01","endDate":"2100-12-31","minimumDuration":"{{minimum}}","retries":{{Text(retries)}},"retryInterval":"00:00:05","ringTimeout":"00:00:06","callerId":null,"priority":0}""");

    /// <summary>A number of the network that nobody was called under yet, and that behaves as its two digits say; <paramref name="ends"/> are its last two.</summary>
    public static string Number(int behaviour, int ends = 0) => string.Create(
        CultureInfo.InvariantCulture, $"7999{behaviour:00}{Interlocked.Increment(ref s_people) % 1000:000}{ends:00}");

    /// <summary>Uploads people by name, number and balance, in the place of those that were there.</summary>
    public Task<JsonNode> UploadAsync(params (string Name, string Number, string Balance)[] people) => Api.UploadAsync(Campaign, Csv(people));

    /// <summary>Uploads further people.</summary>
    public Task<JsonNode> AddAsync(params (string Name, string Number)[] people) =>
        Api.UploadAsync(Campaign, Csv(people.Select(p => (p.Name, p.Number, "-1.00"))), "add");

    /// <summary>An operator with a SIP phone that has registered; its SIP user name is what the network's log has behind <c>phone-</c>.</summary>
    public async Task<string> AddOperatorAsync(string id)
    {
        const string password = "example-password";
        var made = await Api.PutAsync($"{Tenant}/operators/{id}", $$"""{"name":"Оператор {{id}}","password":"{{password}}"}""");
        var user = (string)made["sipUser"]!;
        await _pair.AddPhoneAsync(user, password);
        _phones.Add(user);
        await SeeRegisteredAsync(id);
        return user;
    }

    public Task SeeRegisteredAsync(string id) => Eventually.SeeAsync(
        async () => await Api.GetAsync($"{Tenant}/operators/{id}") is var shown && (bool)shown["registered"]! ? shown : null,
        $"the phone of operator {id} registered",
        TimeSpan.FromSeconds(70),
        Often);

    /// <summary>Waits until a contact is as wanted.</summary>
    public Task<JsonNode> SeeContactAsync(string name, Func<JsonNode, bool> wanted, string what, TimeSpan? within = null) => Eventually.SeeAsync(
        async () => (await Api.RowsAsync(Campaign, "contacts")).FirstOrDefault(row => (string)row["name"]! == name && wanted(row)),
        $"{name} {what}",
        within ?? TimeSpan.FromSeconds(60),
        Often);

    /// <summary>Waits until the campaign gives this reason for not dialling.</summary>
    public Task<JsonNode> SeeReasonAsync(string code) => Eventually.SeeAsync(
        async () => (await Api.GetAsync($"{Campaign}/status"))["reasons"]!.AsArray().FirstOrDefault(r => (string)r!["code"]! == code),
        $"the reason {code}",
        TimeSpan.FromSeconds(20),
        Often);

    /// <summary>Waits until an attempt is as wanted.</summary>
    public Task<JsonNode> SeeAttemptAsync(Func<JsonNode, bool> wanted, string what, TimeSpan? within = null) => Eventually.SeeAsync(
        async () => (await Api.RowsAsync(Campaign, "attempts")).FirstOrDefault(wanted),
        what,
        within ?? TimeSpan.FromSeconds(60),
        Often);

    /// <summary>The pbx dies and comes back. A network notices a dead peer when no sound comes any more; ours is told.</summary>
    /// <returns>When it was dead, by this machine's clock.</returns>
    public async Task<DateTimeOffset> RestartPbxAsync()
    {
        await _pair.Pbx.KillAsync();
        var died = TimeProvider.System.GetUtcNow();
        await HangUpAllAsync(_pair.Network);
        await _pair.Pbx.ResumeAsync();
        return died;
    }

    /// <summary>Waits until somebody has answered.</summary>
    public Task<JsonNode> SeeAnsweredAsync(string name) =>
        SeeAttemptAsync(a => (string)a["name"]! == name && a["answeredAt"] is not null, $"{name} answered");

    /// <summary>Waits until somebody talks with an operator.</summary>
    public Task<JsonNode> SeeTalkingAsync(string name) =>
        SeeAttemptAsync(a => (string)a["name"]! == name && a["operator"] is not null, $"{name} talking with an operator");

    /// <summary>Waits until the node was noted as well after that moment.</summary>
    public Task SeeNodeWellAfterAsync(DateTimeOffset moment) => Eventually.SeeAsync(
        async () =>
        {
            await using var command = Host.Database.CreateCommand("select 'seen' from owner where kind = 'node' and seen_at > $1");
            command.Parameters.AddWithValue(moment.ToUniversalTime());
            return (string?)await command.ExecuteScalarAsync();
        },
        $"the node seen after {moment:T}",
        TimeSpan.FromSeconds(15));

    /// <summary>Everybody came to these outcomes, each call was made once for each attempt, and the campaign's figures are those of its rows.</summary>
    public async Task OutcomesAsync(params (string Name, string Number, string State, string[] Verdicts)[] expected)
    {
        foreach (var (name, _, state, verdicts) in expected)
        {
            var contact = await SeeContactAsync(name, c => (string)c["state"]! is "done" or "failed", "done or failed", TimeSpan.FromSeconds(90));
            Assert.Equal((name, state, verdicts[^1]), (name, (string)contact["state"]!, (string)contact["lastVerdict"]!));
        }

        await NothingIsLeftAsync();
        var attempts = await Api.RowsAsync(Campaign, "attempts");
        foreach (var (name, number, _, verdicts) in expected)
        {
            var own = attempts.Where(a => (string)a["name"]! == name).OrderBy(a => (DateTimeOffset)a["startedAt"]!).Select(a => (string)a["verdict"]!);
            Assert.Equal((name, string.Join(", ", verdicts)), (name, string.Join(", ", own)));
            Assert.Equal((name, verdicts.Length), (name, (await _pair.CallsToAsync(number, verdicts.Length)).Count));
        }

        Assert.Equal(expected.Sum(e => e.Verdicts.Length), attempts.Count);
        var stats = await Api.GetAsync($"{Campaign}/stats");
        var contacts = stats["contacts"]!.AsObject().Where(c => c.Key != "total" && (int)c.Value! > 0).Select(c => $"{c.Key} {c.Value}");
        Assert.Equal(expected.GroupBy(e => e.State).Select(g => $"{g.Key} {g.Count()}").Order(StringComparer.Ordinal), contacts.Order(StringComparer.Ordinal));
        var byVerdict = stats["attempts"]!["byVerdict"]!.AsObject().Where(v => (int)v.Value! > 0).Select(v => $"{v.Key} {v.Value}");
        Assert.Equal(
            expected.SelectMany(e => e.Verdicts).GroupBy(v => v).Select(g => $"{g.Key} {g.Count()}").Order(StringComparer.Ordinal),
            byVerdict.Order(StringComparer.Ordinal));
    }

    public static bool HasEnded(JsonNode attempt) => attempt["endedAt"] is not null;

    /// <summary>Waits until nothing of any call is left: channels and bridges on both Asterisks, permits, rows without an end.</summary>
    public Task NothingIsLeftAsync(TimeSpan? within = null) => Eventually.NothingLeftAsync(
        LeftoversAsync, "neither channel, bridge, permit nor open attempt left", within ?? TimeSpan.FromSeconds(15), Often);

    /// <summary>What is left of calls, in words; empty for nothing.</summary>
    public async Task<string> LeftoversAsync()
    {
        var left = new List<string>();
        foreach (var asterisk in new[] { _pair.Pbx, _pair.Network })
        {
            foreach (var kind in new[] { "channels", "bridges" })
            {
                var things = (await asterisk.Http.GetFromJsonAsync<JsonArray>(kind))!;
                if (things.Count > 0)
                    left.Add($"{kind} of {asterisk.AriUrl}: {string.Join(", ", things.Select(thing => (string)thing!["id"]!))}");
            }
        }

        var trunk = await Host.Grains.GetGrain<ITrunkGrain>(TrunkKey).Status();
        if (trunk.InUse > 0)
            left.Add($"{trunk.InUse} permits of the trunk ({trunk.OperatorLines} of operators), after warnings of {Host.Warnings}");
        await using var command = Host.Database.CreateCommand("""
            select (select count(*) from attempt where ended_at is null) || ' attempts and '
                || (select count(*) from operator_leg where ended_at is null) || ' operators'' legs without an end'
            """);
        if ((string)(await command.ExecuteScalarAsync())! is var open && !open.StartsWith("0 attempts and 0 ", StringComparison.Ordinal))
            left.Add(open);
        return string.Join("; ", left);
    }

    /// <summary>The sound of a tenant's audio.</summary>
    public async Task<short[]> AudioAsync(string id) => PcmWav.Read(await Api.Http.GetByteArrayAsync(new Uri($"{Tenant}/audio/{id}", UriKind.Relative)));

    /// <summary>The words of a balance, as the example's extension <c>999*1</c> says them, each as its sound.</summary>
    public async Task<IReadOnlyList<short[]>> WordsAsync(string balance)
    {
        var phrase = SpokenText.Compose(
            SayType.Money, Template.Parse("[% VAR:BALANCE %] rub"), new Dictionary<string, string>(StringComparer.Ordinal) { ["BALANCE"] = balance }, "ru-RU", SignMode.Say);
        var clips = await Host.Media.SpeakAsync(phrase, null, "ru-RU", CancellationToken.None);
        return await Task.WhenAll(clips.Select(async clip => PcmWav.Read(await Host.Media.GetWavAsync(clip.Id, CancellationToken.None))));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        foreach (var phone in _phones)
            await _pair.RemovePhoneAsync(phone);
        await HangUpAllAsync(_pair.Pbx);
        await HangUpAllAsync(_pair.Network);
    }

    private static async Task HangUpAllAsync(AsteriskInstance asterisk)
    {
        foreach (var channel in (await asterisk.Http.GetFromJsonAsync<JsonArray>("channels"))!)
            (await asterisk.Http.DeleteAsync(new Uri($"channels/{(string)channel!["id"]!}", UriKind.Relative))).Dispose();
    }

    private static string Csv(IEnumerable<(string Name, string Number, string Balance)> people) =>
        "\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n" + string.Concat(people.Select(p => $"\"{p.Name}\",\"{p.Number}\",\"BALANCE={p.Balance}\"\n"));

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
