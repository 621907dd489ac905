using System.Text;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Storage.Campaigns;
using Dialer.Storage.Contacts;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

/// <summary>A list counts at one moment, however long the one before it is, and whoever dies while that is cleared away.</summary>
public sealed class ListReplacementTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Header = "NAME,PHONE_NUMBER,BALANCE\n";
    private const string CampaignKey = "example/debts";
    private const string TrunkKey = "example/main";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private ListFixture _lists = null!;
    private ContactStore _contacts = null!;
    private AttemptStore _attempts = null!;
    private long _epoch;
    private long _trunkEpoch;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private CampaignTable Campaigns => new(_lists.Database);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _lists = await ListFixture.CreateAsync(postgres);
        (_contacts, _attempts) = (new ContactStore(_lists.Database), new AttemptStore(_lists.Database));
        var owners = new Owners(_lists.Database);
        _epoch = await owners.TakeAsync(Owners.Campaign, CampaignKey, "silo", Now, Ct);
        _trunkEpoch = await owners.TakeAsync(Owners.Trunk, TrunkKey, "silo", Now, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _attempts.DisposeAsync();
        await _lists.DisposeAsync();
    }

    [Fact]
    public async Task Claims_take_the_new_list_and_calls_end_while_the_old_one_is_still_being_cleared_away()
    {
        await _lists.ImportAsync(Header + "Talks,79030000001,1\nWaits,79030000002,1\nGone,79030000003,1\n");
        var talks = Assert.Single(await ClaimAsync(1));
        var attempt = await StartAsync(talks);

        await using var held = await HoldAsync("Waits");
        var (import, _) = await ReplaceAsync(Header + "Talks,79030000001,9\nWaits,79030000002,9\nNew,79030000004,9\n");

        Assert.Equal(["New", "Waits"], (await ClaimAsync(10)).Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.True(await _attempts.EndAsync(End(attempt)).WaitAsync(s_patience, Ct));
        Assert.Equal("Talks", Assert.Single(await ClaimAsync(10)).Name);
        Assert.False(import.IsCompleted);

        await held.RollbackAsync(Ct);
        Assert.Equal(ListState.Done, (await import.WaitAsync(s_patience, Ct)).State);
        Assert.Equal("3 0 0 0 1", await _lists.CountersAsync());
        Assert.Equal(await _lists.CountedAsync(), await _lists.CountersAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_whose_commit_was_not_answered_is_in_force_or_said_to_be_unknown(bool mended)
    {
        await CommitSlowlyAsync();
        var address = new NpgsqlConnectionStringBuilder(_lists.ConnectionString);
        await using var line = new CuttableLine(address.Port);
        address.Port = line.Port;
        await using var far = NpgsqlDataSource.Create(address.ConnectionString);
        var importer = new ListImporter(far, TimeProvider.System, NullLogger<ListImporter>.Instance);
        var (id, told) = (await _lists.Queries.BeginAsync(_lists.Campaign, ListMode.Replace, "list.csv", Ct), 0);
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(Header + "New,79030000004,9\n"));
        var import = importer.ImportAsync(
            _lists.Request(id) with
            {
                InForce = () =>
                {
                    told++;
                    return Task.CompletedTask;
                },
            },
            body, Ct);
        await CommittingAsync();
        if (mended)
            line.Break();
        else
            await line.CutAsync();

        var result = await import.WaitAsync(s_patience, Ct);

        Assert.Equal((mended ? ListState.Done : ListState.Failed, mended ? 1 : 0), (result.State, told));
        if (!mended)
        {
            Assert.Equal(ListFault.Database, result.Failure!.Fault);
            Assert.Contains("did not say", result.Failure.Reason, StringComparison.Ordinal);
        }

        await Eventually.SeeAsync(
            async () => await _lists.AskAsync<short>($"select state from contact_list where id = {id}") == (short)ListState.Done ? _lists : null, "a list in force", s_patience);
    }

    [Fact]
    public async Task A_list_that_the_database_does_not_take_is_not_said_to_be_at_fault()
    {
        await _lists.RunAsync("alter table contact rename to away");
        var (_, result) = await _lists.ImportAsync(Header + "New,79030000004,9\n");
        Assert.Equal((ListState.Failed, ListFault.Database), (result.State, result.Failure!.Fault));
    }

    [Fact]
    public async Task A_campaign_that_takes_a_list_is_not_deleted_and_nobody_of_it_is_left_behind()
    {
        await CommitSlowlyAsync();
        var import = _lists.ImportAsync(Header + "New,79030000004,9\n");
        await CommittingAsync();
        Assert.Equal(CampaignRemoval.TakesList, await Campaigns.DeleteAsync(_lists.Campaign, Ct));
        Assert.Equal(ListState.Done, (await import.WaitAsync(s_patience, Ct)).Result.State);
        Assert.Equal("New", Assert.Single(await ClaimAsync(10)).Name);

        Assert.Equal(CampaignRemoval.Done, await Campaigns.DeleteAsync(_lists.Campaign, Ct));
        Assert.Equal(0L, await _lists.AskAsync<long>("select count(*) from contact"));
    }

    [Theory]
    [InlineData("New,79030000004,9\n")]
    [InlineData("New,79030000004,9\nBad,none,9\n")]
    public async Task A_list_whose_campaign_is_deleted_while_it_comes_in_leaves_nobody_behind(string rows)
    {
        var pipe = new System.IO.Pipelines.Pipe();
        var id = await _lists.Queries.BeginAsync(_lists.Campaign, ListMode.Replace, "list.csv", Ct);
        await using var body = pipe.Reader.AsStream();
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(Header + rows), Ct);
        var import = _lists.Importer.ImportAsync(_lists.Request(id), body, Ct);
        await SeeConnectionAsync("state = 'idle in transaction' and query like 'select state from contact_list%'", "a list that comes in");
        Assert.Equal(CampaignRemoval.Done, await Campaigns.DeleteAsync(_lists.Campaign, Ct));
        await pipe.Writer.CompleteAsync();

        var result = await import.WaitAsync(s_patience, Ct);

        Assert.Equal((ListState.Failed, ListFault.List), (result.State, result.Failure!.Fault));
        Assert.Contains("removed", result.Failure.Reason, StringComparison.Ordinal);
        Assert.Equal(0L, await _lists.AskAsync<long>("select count(*) from contact"));
    }

    [Fact]
    public async Task A_campaign_whose_upload_has_problems_already_is_not_deleted_and_keeps_nobody_waiting()
    {
        var id = await _lists.Queries.BeginAsync(_lists.Campaign, ListMode.Replace, "list.csv", Ct);
        await using var connection = await _lists.Database.OpenConnectionAsync(Ct);
        await using var upload = await connection.BeginTransactionAsync(Ct);
        await using (var problem = new NpgsqlCommand($"insert into contact_list_problem (list, ordinal, line, reason, severity) values ({id}, 1, 1, 'bad', 0)", connection))
            await problem.ExecuteNonQueryAsync(Ct);
        Assert.Equal(CampaignRemoval.TakesList, await Campaigns.DeleteAsync(_lists.Campaign, Ct).WaitAsync(s_patience, Ct));
        await upload.RollbackAsync(Ct);
        Assert.Equal(CampaignRemoval.Done, await Campaigns.DeleteAsync(_lists.Campaign, Ct));
    }

    [Fact]
    public async Task A_campaign_that_is_being_deleted_has_another_number_when_it_is_made_again()
    {
        await using var connection = await _lists.Database.OpenConnectionAsync(Ct);
        await using var deletion = await connection.BeginTransactionAsync(Ct);
        await using (var delete = new NpgsqlCommand("delete from campaign", connection))
            await delete.ExecuteNonQueryAsync(Ct);
        var number = Campaigns.NumberAsync("example", "debts", Ct);
        await SeeConnectionAsync("wait_event_type = 'Lock'", "a question that waits");
        await deletion.CommitAsync(Ct);
        Assert.NotEqual(_lists.Campaign, await number.WaitAsync(s_patience, Ct));
    }

    [Fact]
    public async Task A_list_in_force_is_no_failure_because_its_campaign_could_not_be_told()
    {
        await _lists.ImportAsync(Header + "Gone,79030000001,1\n");
        var id = await _lists.Queries.BeginAsync(_lists.Campaign, ListMode.Replace, "list.csv", Ct);
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(Header + "New,79030000004,9\n"));
        var result = await _lists.Importer.ImportAsync(_lists.Request(id) with { InForce = () => throw new TimeoutException("Its silo has just died.") }, body, Ct);
        Assert.Equal(ListState.Done, result.State);
        Assert.Equal(await _lists.CountedAsync(), await _lists.CountersAsync());
    }

    [Fact]
    public async Task What_a_dead_importer_did_not_clear_away_is_cleared_away_by_the_sweep()
    {
        await _lists.ImportAsync(Header + "Waits,79030000001,1\nGone,79030000002,1\nDone,79030000003,1\nDoneGone,79030000004,1\n");
        await _lists.RunAsync("update contact set state = 2 where name like 'Done%'; update campaign_count set waiting = 2, done = 2");

        await using (await HoldAsync("Waits"))
        {
            var (import, id) = await ReplaceAsync(Header + "Waits,79030000001,9\nDone,79030000003,9\n");
            Assert.Equal(0, await _lists.Settlement.FinishAsync(Ct));
            Assert.True(await _lists.AskAsync<bool>(
                "select bool_or(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and classid = 5478 and database = (select oid from pg_database where datname = current_database())"));
            Assert.Equal(ListState.Done, (await import.WaitAsync(s_patience, Ct)).State);
            Assert.Equal(ListState.Done, (await _lists.Queries.FindAsync(_lists.Campaign, id, 1, Ct))!.Summary.State);
        }

        Assert.Equal(["Done 9", "Waits 9"], (await ClaimAsync(10)).Select(c => $"{c.Name} {c.ReadVariables()["BALANCE"]}").Order(StringComparer.Ordinal));
        Assert.Equal(1, await _lists.Settlement.FinishAsync(Ct));
        Assert.Equal("Done 1,DoneGone 4,Gone 4,Waits 1", await _lists.AskAsync<string>("select string_agg(name || ' ' || state, ',' order by name) from contact"));
        Assert.Equal("2 0 0 0 2", await _lists.CountersAsync());
        Assert.Equal(0, await _lists.Settlement.FinishAsync(Ct));
    }

    [Fact]
    public async Task A_list_that_comes_meanwhile_waits_until_the_one_before_is_settled()
    {
        await _lists.ImportAsync(Header + "Waits,79030000001,1\nGone,79030000002,1\n");
        await using var held = await HoldAsync("Waits");
        var (second, _) = await ReplaceAsync(Header + "Waits,79030000001,2\n");
        var third = _lists.ImportAsync(Header + "Gone,79030000002,3\n");
        // The third is seen waiting for the lock of the campaign.
        await Eventually.SeeAsync(
            async () => await _lists.AskAsync<bool>("select exists (select from pg_locks where classid = 2267 and not granted and database = (select oid from pg_database where datname = current_database()))") ? this : null,
            "the third list waiting for the second",
            s_patience);

        await held.RollbackAsync(Ct);
        Assert.Equal(ListState.Done, (await second.WaitAsync(s_patience, Ct)).State);
        Assert.Equal(ListState.Done, (await third.WaitAsync(s_patience, Ct)).Result.State);
        Assert.Equal("Gone 0,Waits 4", await _lists.AskAsync<string>("select string_agg(name || ' ' || state, ',' order by name) from contact"));
        Assert.Equal("1 0 0 0 1", await _lists.CountersAsync());
    }

    /// <summary>Locks an old row, so that clearing it away waits.</summary>
    private async Task<HeldRow> HoldAsync(string name)
    {
        var connection = await _lists.Database.OpenConnectionAsync(Ct);
        var held = new HeldRow(connection, await connection.BeginTransactionAsync(Ct));
        await using var command = new NpgsqlCommand("select from contact where name = $1 for update", connection) { Parameters = { new() { Value = name } } };
        await command.ExecuteNonQueryAsync(Ct);
        return held;
    }

    /// <summary>Begins an upload and comes back when it is in force.</summary>
    private async Task<(Task<ListImportResult> Import, long Id)> ReplaceAsync(string csv)
    {
        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = await _lists.Queries.BeginAsync(_lists.Campaign, ListMode.Replace, null, Ct);
        var request = _lists.Request(id) with
        {
            InForce = () =>
            {
                inForce.SetResult();
                return Task.CompletedTask;
            },
        };
        var import = _lists.Importer.ImportAsync(request, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(csv)), Ct);
        await inForce.Task.WaitAsync(s_patience, Ct);
        return (import, id);
    }

    private Task CommitSlowlyAsync() => _lists.RunAsync("""
        create function be_slow() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return null; end $$;
        create constraint trigger be_slow after update on contact_list deferrable initially deferred for each row execute function be_slow()
        """);

    private Task CommittingAsync() => SeeConnectionAsync("wait_event = 'PgSleep'", "a commit on its way");

    private Task SeeConnectionAsync(string which, string what) => Eventually.SeeAsync(
        async () => await _lists.AskAsync<bool>($"select exists (select from pg_stat_activity where datname = current_database() and {which})") ? _lists : null, what, s_patience);

    private async Task<List<ContactRow>> ClaimAsync(int limit) =>
        (await _contacts.ClaimAsync(_lists.Campaign, CampaignKey, _epoch, Now, limit, Ct).WaitAsync(s_patience, Ct))!;

    private async Task<Guid> StartAsync(ContactRow contact)
    {
        var id = Guid.CreateVersion7();
        Assert.Equal(StartOutcome.Started, await _attempts.StartAsync(new AttemptStart(
            _lists.Campaign, id, contact.Id, contact.ClaimEpoch, contact.Generation, contact.Attempts, contact.Name, contact.Numbers[0], 0, TrunkKey, _trunkEpoch,
            "node", Now)));
        return id;
    }

    private AttemptEnd End(Guid attempt) => new(
        _lists.Campaign, attempt, Now, Now, Verdict.Success, 16, null, null, null, false, ContactState.Done, null, 0, 0, 0, 0);

    private sealed class HeldRow(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public Task RollbackAsync(CancellationToken cancellationToken) => transaction.RollbackAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
