using System.Globalization;
using System.Text;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Speech;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts.Lists;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>What a customer does in this world, and what it sees.</summary>
public sealed partial class CallWorld
{
    public const string Tenant = "example";
    public const string Person = "79161110001";

    /// <summary>The endpoint of the trunk <c>main</c> in Asterisk.</summary>
    public const string MainEndpoint = "t.example.main";

    public static readonly CampaignSettings Debts = new(
        "Debts", "100", Enabled: true, [new TrunkShare("main", 3)], MinimumDuration: TimeSpan.FromSeconds(10), Retries: 3,
        RetryInterval: TimeSpan.FromMinutes(30), RingTimeout: TimeSpan.FromSeconds(45));

    /// <summary>One operator, who is rung for ten seconds.</summary>
    public static OperatorQueue Office => new() { Members = [new(Operator: "office")], RingTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>A recording, and then another one.</summary>
    public static (string, Extension)[] TwoSteps =>
        [("100", new Playback { Audio = "greeting", GoTo = "200" }), ("200", new Playback { Audio = "pay", WaitForInput = true })];

    public ITenantGrain Customer => Grains.GetGrain<ITenantGrain>(Tenant);

    public IDialPlanGrain Plan => Grains.GetGrain<IDialPlanGrain>(Tenant);

    public ITrunkGrain Trunk(string id = "main") => Grains.GetGrain<ITrunkGrain>(Keys.Of(Tenant, id));

    public ICampaignGrain Campaign(string id = "debts") => Grains.GetGrain<ICampaignGrain>(Keys.Of(Tenant, id));

    /// <summary>A tenant with its example audio, a trunk <c>main</c>, and one extension that plays the greeting.</summary>
    public async Task MoveInAsync(int lines = 5, double callsPerSecond = 1000, params (string Number, Extension Extension)[] plan)
    {
        await Customer.Put(new TenantSettings("Example"));
        await Customer.PutOperator("office", new OperatorSettings("Office", "example-password"));
        await Customer.PutOperator("cellar", new OperatorSettings("Cellar", "example-password"));
        await Trunk().Put(new TrunkSettings("127.0.0.1", 5070, lines, callsPerSecond));
        if (plan.Length == 0)
            plan = [("100", new Playback { Audio = "greeting" })];
        await Plan.PutAll(plan.ToDictionary(p => p.Number, p => p.Extension));
        await BringRecordingsAsync();
    }

    // The clock stands still meanwhile: it is twenty times too fast for a database that is to bring them while somebody listens.
    private async Task BringRecordingsAsync()
    {
        var clips = (await Plan.Snapshot()).Audio.Values;
        foreach (var library in Cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<MediaLibrary>()))
            foreach (var clip in clips)
                await library.GetAsync(clip, Ct);
    }

    /// <summary>Moves in, and has one person called: Anna, at <see cref="Person"/>.</summary>
    public async Task CallOneAsync(CampaignSettings settings, params (string, Extension)[] plan)
    {
        await MoveInAsync(5, 1000, plan);
        await Campaign().Put(settings);
        await UploadAsync("Anna," + Person);
    }

    /// <summary>Uploads rows <c>name,numbers</c>, all with a balance.</summary>
    public async Task<ListImportResult> UploadAsync(string campaign, ListMode mode, params string[] rows)
    {
        var number = await Campaign(campaign).Number();
        var list = await new ListQueries(Database, Clock).BeginAsync(number, mode, "list.csv", Ct);
        var csv = "NAME,PHONE_NUMBER,USER_VARS\n" + string.Concat(rows.Select(row => row.Count(c => c == ',') > 1 ? row + "\n" : row + ",BALANCE=-68.27\n"));
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        var result = await new ListImporter(Database, Clock, NullLogger<ListImporter>.Instance).ImportAsync(
            new ListImportRequest(Tenant, campaign, number, list, mode, CultureInfo.GetCultureInfo("ru-RU"), new Dictionary<string, SpokenVariable>()), body, Ct);
        Assert.Equal(ListState.Done, result.State);
        Assert.Equal(0, result.Counts.Rejected);
        await Campaign(campaign).ContactsChanged();
        return result;
    }

    /// <summary>Replaces the list of <c>debts</c>.</summary>
    public Task<ListImportResult> UploadAsync(params string[] rows) => UploadAsync("debts", ListMode.Replace, rows);

    /// <summary>All attempts of a campaign, the oldest first.</summary>
    public async Task<List<AttemptView>> AttemptsAsync(string campaign = "debts")
    {
        var attempts = new List<AttemptView>();
        await foreach (var attempt in new AttemptQueries(Database).AllAsync(await Campaign(campaign).Number(), new AttemptFilter(), Ct))
            attempts.Add(attempt);
        return attempts;
    }

    /// <summary>Lets time pass until so many attempts of <c>debts</c> have ended; gives back their verdicts in order.</summary>
    public async Task<Verdict[]> VerdictsAsync(int count)
    {
        await PassUntilAsync(async () => await EndedAsync() >= count, $"{count} attempts that ended");
        return [.. (await AttemptsAsync()).Where(a => a.Verdict is not null).Select(a => a.Verdict!.Value)];
    }

    /// <summary>The call's attempt, as its node reads it before it asks the call.</summary>
    public async Task<OpenAttempt> OpenAttemptAsync(string call) => (await new OpenAttempts(Database).ReadAsync(Guid.Parse(call), null, Ct))!;

    /// <summary>The step that is written of the only call.</summary>
    public async Task<string?> StepAsync() => await AskAsync<string>("select coalesce(max(step), '') from attempt");

    /// <summary>Whether the only call and an operator are in the only room.</summary>
    public bool IsTalking => Asterisk.Bridges is [var room] && Asterisk.ChannelsIn(room)!.Count == 2;

    /// <summary>Lets time pass until it is written who talks with the only call.</summary>
    public Task OperatorIsWrittenAsync() => PassUntilAsync(
        async () => await AskAsync<long>("select count(operator) from attempt") == 1, "an operator that is written");

    /// <summary>Lets time pass until somebody has answered, and waits until that is written; that takes no time of the test's clock.</summary>
    public async Task AnswerIsWrittenAsync()
    {
        await PassUntilAsync(() => Asterisk.Plays.Count > 0, "a playback");
        await SeeAsync(async () => await AskAsync<long>("select count(answered_at) from attempt") == 1, "an answer that is written");
    }

    /// <summary>Waits until the end of an attempt has reached the campaign: a contact waits for its retry.</summary>
    public Task SeeRetryAsync() => SeeAsync(async () => await AskAsync<long>("select count(*) from contact where state = 0 and retrying") > 0, "a retry");

    /// <summary>The states of all contacts by name.</summary>
    public Task<string> StatesAsync() =>
        AskAsync<string>("select coalesce(string_agg(name || ' ' || state, ', ' order by name, id), '') from contact");

    /// <summary>Waits until the call is over on all sides: nothing left in Asterisk, every line back.</summary>
    public async Task NothingIsLeftAsync()
    {
        await PassUntilAsync(() => Asterisk.Channels.Count == 0 && Asterisk.Bridges.Count == 0, "an Asterisk without channels and bridges");
        await PassUntilAsync(async () => (await Trunk().Status()).InUse == 0, "a trunk without a used line");
        Assert.Equal(0L, await AskAsync<long>("select count(*) from operator_leg where ended_at is null"));
    }

    /// <summary>What the counters of all campaigns say is what the rows say: waiting, calling, done, failed, withdrawn.</summary>
    public async Task CountersAreRightAsync()
    {
        // In one look: the last calls may be ending.
        var said = await AskAsync<string[]>("""
            select array[
                (select concat_ws(' ', count(*) filter (where state = 0 or state = 1 and not calling), count(*) filter (where state = 1 and calling),
                        count(*) filter (where state = 2), count(*) filter (where state = 3), count(*) filter (where state = 4))
                 from (select c.state, exists (select from attempt a where a.campaign = c.campaign and a.contact = c.id and a.ended_at is null) as calling
                       from contact c) x),
                (select concat_ws(' ', sum(waiting), sum(calling), sum(done), sum(failed), sum(withdrawn)) from campaign_count)]
            """);
        Assert.Equal(said[0], said[1]);
    }

    /// <summary>Does something to the database.</summary>
    public async Task DoAsync(string statement)
    {
        await using var command = Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>The next time such a row is written the connection is lost before it is done; from then on all is well.</summary>
    public Task FailOnceAsync(string table, string before, string when) => DoAsync($"""
        create sequence lost_on_{table};
        create function lose_on_{table}() returns trigger language plpgsql as $$
            begin
                if nextval('lost_on_{table}') = 1 then
                    raise exception 'connection lost' using errcode = '57P01';
                end if;
                return coalesce(new, old);
            end $$;
        create trigger lose_once before {before} on {table} for each row when ({when}) execute function lose_on_{table}()
        """);

    /// <summary>Whether what <see cref="FailOnceAsync"/> was asked for has happened.</summary>
    public Task<bool> HasFailedAsync(string table) => AskAsync<bool>($"select is_called from lost_on_{table}");

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Ct))!;
    }

    private Task<long> EndedAsync() => AskAsync<long>("select count(*) from attempt where ended_at is not null");
}
