using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Storage.Campaigns;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Database;
using Dialer.Storage.Operators;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Calls;

public sealed class AttemptStoreTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private StoreFixture _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await StoreFixture.CreateAsync(postgres);
        await _store.UploadAsync(ListMode.Replace, 1, 2, 3);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_start_with_an_old_epoch_of_its_trunk_is_refused()
    {
        var contact = Assert.Single(await _store.ClaimAsync(1));
        await _store.TakeAsync(Owners.Trunk, StoreFixture.TrunkKey);
        Assert.Equal(StartOutcome.TrunkFenced, await _store.Attempts.StartAsync(_store.Start(contact)));
        Assert.Equal("3 0 0 0 0", await _store.CountersAsync());
    }

    [Fact]
    public async Task A_start_with_an_old_claim_is_refused()
    {
        var contact = Assert.Single(await _store.ClaimAsync(1));
        await _store.ReleaseAsync(contact);
        var epoch = await _store.TakeAsync(Owners.Campaign, StoreFixture.CampaignKey);
        Assert.Equal(StartOutcome.ContactFenced, await _store.Attempts.StartAsync(_store.Start(contact)));
        Assert.Contains(await _store.ClaimAsync(3, epoch), c => c.Id == contact.Id);
        Assert.Equal(StartOutcome.ContactFenced, await _store.Attempts.StartAsync(_store.Start(contact)));
    }

    [Fact]
    public async Task A_start_with_the_words_of_a_replaced_list_is_refused()
    {
        var contact = (await _store.ClaimAsync(3)).Single(c => c.Name == "Person1");
        await _store.UploadAsync(ListMode.Replace, 1);
        Assert.Equal(StartOutcome.ContactFenced, await _store.Attempts.StartAsync(_store.Start(contact)));
        await _store.ReleaseAsync(contact);
        var anew = Assert.Single(await _store.ClaimAsync(3));
        Assert.Equal((contact.Id, contact.Generation + 1), (anew.Id, anew.Generation));
        Assert.Equal(StartOutcome.Started, await _store.Attempts.StartAsync(_store.Start(anew)));
        Assert.Equal("0 1 0 0 2", await _store.CountersAsync());
    }

    [Fact]
    public async Task What_PostgreSQL_refuses_is_told_until_it_takes_something_again()
    {
        var contacts = await _store.ClaimAsync(2);
        // As where its disk is full.
        await _store.Lists.RunAsync("""
            create function full_disk() returns trigger language plpgsql as $$ begin raise 'No space left on device' using errcode = '53100'; end $$;
            create trigger full_disk before insert on attempt for each row execute function full_disk();
            """);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => _store.Attempts.StartAsync(_store.Start(contacts[0])));
        Assert.Equal("No space left on device", _store.Attempts.Refused);
        Assert.Null(_store.Stores[1].Refused);
        await _store.Lists.RunAsync("drop trigger full_disk on attempt");
        Assert.Equal(StartOutcome.Started, await _store.Attempts.StartAsync(_store.Start(contacts[0])));
        Assert.Null(_store.Attempts.Refused);
        // What is wrong with one row says nothing of the database.
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => _store.Attempts.StartAsync(_store.Start(contacts[1]) with { Number = "\0" }));
        Assert.Null(_store.Attempts.Refused);
    }

    [Fact]
    public async Task A_campaign_whose_call_begins_while_it_is_deleted_stays_with_its_call()
    {
        var contact = Assert.Single(await _store.ClaimAsync(1));
        Task<StartOutcome> start;
        Task<CampaignRemoval> deletion;
        await using (var connection = await _store.Database.OpenConnectionAsync(Ct))
        await using (await connection.BeginTransactionAsync(Ct))
        {
            await using (var hold = new Npgsql.NpgsqlCommand("select from contact where id = $1 for update", connection) { Parameters = { new() { Value = contact.Id } } })
                await hold.ExecuteNonQueryAsync(Ct);
            start = _store.Attempts.StartAsync(_store.Start(contact));
            await WaitingAsync(1);
            deletion = _store.Campaigns.DeleteAsync(_store.Campaign, Ct);
            await WaitingAsync(2);
        }

        Assert.Equal(StartOutcome.Started, await start);
        Assert.Equal(CampaignRemoval.HasCall, await deletion);
        Assert.Equal("2 1 0 0 0", await _store.CountersAsync());
        Assert.Equal(1L, await _store.AskAsync<long>("select count(*) from attempt join campaign on campaign = no where ended_at is null"));
    }

    [Fact]
    public async Task Progress_and_ends_of_the_same_attempts_do_not_wait_for_each_other()
    {
        // Where there are many, rows are updated in the order in which they are given.
        await _store.Lists.RunAsync("""
            insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at, ended_at, verdict)
            select 1000, gen_random_uuid(), n, 1, 'Example', '79990000000', 0, 't', 'n', now(), now(), 0 from generate_series(1, 20000) n
            """);
        await _store.Lists.RunAsync("analyze attempt");
        var ids = new List<Guid>();
        foreach (var contact in await _store.ClaimAsync(3))
        {
            var start = _store.Start(contact);
            await _store.Attempts.StartAsync(start);
            ids.Add(start.Id);
        }

        ids.Sort();
        await using var connection = await _store.Database.OpenConnectionAsync(Ct);
        await using var holding = await connection.BeginTransactionAsync(Ct);
        await using (var hold = new Npgsql.NpgsqlCommand("select from attempt where id = $1 for update", connection) { Parameters = { new() { Value = ids[2] } } })
            await hold.ExecuteNonQueryAsync(Ct);
        // Each as it may come: the one has the second row while it waits for the third, and the other comes from the first to the second.
        var progress = Task.WhenAll(new[] { ids[1], ids[2], ids[0] }.Select(id => _store.Attempts.ProgressAsync(Progress(id))));
        await WaitingAsync(1);
        var ends = Task.WhenAll(ids.Take(2).Select(id => _store.Attempts.EndAsync(_store.End(id))));
        await WaitingAsync(2);
        await holding.RollbackAsync(Ct);
        await progress;
        Assert.All(await ends, Assert.True);
        // A deadlock costs a second and is tried again; connections that end tell what they have counted.
        await _store.Lists.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await Eventually.SeeAsync(
            async () => await _store.AskAsync<long>("select count(*) from pg_stat_activity where datname = current_database()") == 1 ? _store : null,
            "the end of all other connections",
            TimeSpan.FromSeconds(20));
        Assert.Equal(0L, await _store.AskAsync<long>("select deadlocks from pg_stat_database where datname = current_database()"));
    }

    [Fact]
    public async Task A_contact_with_a_running_attempt_gets_no_second_one()
    {
        var (contact, attempt) = await _store.CallAsync();
        Assert.Equal(StartOutcome.ContactFenced, await _store.Attempts.StartAsync(_store.Start(contact)));
        // In one statement, too.
        var other = Assert.Single(await _store.ClaimAsync(1));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.Attempts.StartAsync(_store.Start(other))));
        Assert.Single(outcomes, StartOutcome.Started);
        Assert.Equal("1 2 0 0 0", await _store.CountersAsync());
        Assert.Equal(attempt, (await _store.Open.ReadAsync(attempt, null, Ct))!.Id);
    }

    [Fact]
    public async Task A_row_from_before_a_call_begins_no_other_one_though_its_contact_is_claimed_again()
    {
        var (before, attempt) = await _store.CallAsync();
        await _store.Attempts.EndAsync(_store.End(attempt, Verdict.Busy, ContactState.Waiting, StoreFixture.Now, retriesUsed: 1));
        var now = Assert.Single(await _store.ClaimAsync(1));
        Assert.Equal((before.Id, before.ClaimEpoch, 1), (now.Id, now.ClaimEpoch, now.RetriesUsed));
        Assert.Equal(StartOutcome.ContactFenced, await _store.Attempts.StartAsync(_store.Start(before)));
        Assert.Equal(StartOutcome.Started, await _store.Attempts.StartAsync(_store.Start(now)));
    }

    [Fact]
    public async Task A_line_that_is_handed_out_twice_at_the_same_moment_carries_one_call()
    {
        var contacts = await _store.ClaimAsync(2);
        var attempt = Guid.CreateVersion7();
        // Twice for each of them; on one connection they go in one statement.
        var outcomes = await Task.WhenAll(contacts.Concat(contacts).Select(c => _store.Attempts.StartAsync(_store.Start(c, attempt))));
        Assert.Single(outcomes, StartOutcome.Started);
        Assert.Equal(3, outcomes.Count(o => o == StartOutcome.ContactFenced));
        Assert.Equal("2 1 0 0 0", await _store.CountersAsync());
    }

    [Fact]
    public async Task An_end_that_comes_several_times_at_the_same_moment_is_the_first_one_once()
    {
        var (_, attempt) = await _store.CallAsync();
        var ends = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _store.Attempts.EndAsync(_store.End(attempt))));
        Assert.Single(ends, true);
        Assert.Equal("2 0 1 0 0", await _store.CountersAsync());
    }

    [Fact]
    public async Task An_end_is_applied_once_and_moves_contact_and_counters()
    {
        var (contact, attempt) = await _store.CallAsync();
        Assert.Equal("2 1 0 0 0", await _store.CountersAsync());
        var ends = await Task.WhenAll(
            _store.Stores[0].EndAsync(_store.End(attempt)), _store.Stores[1].EndAsync(_store.End(attempt, Verdict.TooShort, ContactState.Failed)));
        Assert.Single(ends, true);
        Assert.False(await _store.Attempts.EndAsync(_store.End(attempt, Verdict.Busy, ContactState.Waiting, StoreFixture.Now)));

        Assert.Contains(await _store.CountersAsync(), (string[])["2 0 1 0 0", "2 0 0 1 0"]);
        var stats = await _store.Campaigns.StatsAsync(_store.Campaign, Ct);
        Assert.Equal((1, 1, TimeSpan.FromSeconds(15)), (stats.Attempts.Total, stats.Attempts.Answered, stats.Talk.Total));
        Assert.Equal(1, stats.Attempts.ByVerdict.Values.Sum());
        Assert.Null(await _store.Open.ReadAsync(attempt, null, Ct));
        Assert.Equal(1, await _store.AskAsync<int>($"select attempts from contact where id = {contact.Id}"));
    }

    [Fact]
    public async Task A_contact_that_a_new_list_replaced_while_it_was_called_is_called_anew()
    {
        var (contact, attempt) = await _store.CallAsync();
        await _store.UploadAsync(ListMode.Replace, 1, 2, 3);
        Assert.True(await _store.Attempts.EndAsync(_store.End(attempt)));
        Assert.Equal("3 0 0 0 0", await _store.CountersAsync());
        var anew = (await _store.ClaimAsync(3, now: StoreFixture.Now.AddMinutes(1))).Single(c => c.Id == contact.Id);
        Assert.Equal((0, 0, 0, contact.Generation + 1), (anew.RetriesUsed, anew.NextNumber, anew.Struck, anew.Generation));
    }

    [Fact]
    public async Task A_contact_that_was_withdrawn_while_it_was_called_stays_so()
    {
        var (_, attempt) = await _store.CallAsync();
        await _store.UploadAsync(ListMode.Replace, 4);
        Assert.Equal("1 0 0 0 3", await _store.CountersAsync());
        Assert.True(await _store.Attempts.EndAsync(_store.End(attempt, Verdict.Busy, ContactState.Waiting, StoreFixture.Now)));
        Assert.Equal("1 0 0 0 3", await _store.CountersAsync());
        Assert.Equal(1, (await _store.Campaigns.StatsAsync(_store.Campaign, Ct)).Attempts.ByVerdict[Verdict.Busy]);
    }

    [Fact]
    public async Task Progress_is_merged_and_never_takes_back_what_was_written()
    {
        var (_, attempt) = await _store.CallAsync();
        AttemptProgress Progress(DateTimeOffset? answered, string? step, string? keys, string? who, bool asked) =>
            new(_store.Campaign, attempt, StoreFixture.Now, answered, step, keys, who, asked);
        await Task.WhenAll(
            _store.Attempts.ProgressAsync(Progress(StoreFixture.Now.AddSeconds(3), "100@1", null, null, false)),
            _store.Attempts.ProgressAsync(Progress(null, "100*1@2", "1", null, true)),
            _store.Attempts.ProgressAsync(Progress(StoreFixture.Now.AddSeconds(9), null, null, "office", false)));

        var open = await _store.Open.ReadAsync(attempt, null, Ct);
        Assert.Equal(
            (StoreFixture.Now.AddSeconds(3), "100*1@2", "1", "office", true), (open!.AnsweredAt, open.Step, open.Keys, open.Operator, open.OperatorRequested));
        await _store.Attempts.EndAsync(_store.End(attempt));
        await _store.Attempts.ProgressAsync(Progress(null, "late", "999", null, false));
        Assert.Equal("100*1@2", await _store.AskAsync<string>($"select step from attempt where id = '{attempt}'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_silo_had_decided_before_it_slept_changes_no_later_step(bool inOneStatement)
    {
        var (_, attempt) = await _store.CallAsync();
        AttemptProgress Progress(int second, DateTimeOffset? answered, string step, string? keys, string? who, bool asked) =>
            new(_store.Campaign, attempt, StoreFixture.Now.AddSeconds(second), answered, step, keys, who, asked);
        await _store.Attempts.ProgressAsync(Progress(1, null, "100@1", "1", null, false));
        // The successor's first, then what lay in the buffers of the silo that slept: only what can't have changed since is taken from it.
        var successor = _store.Attempts.ProgressAsync(Progress(5, null, "200@3", "12", "office", false));
        if (!inOneStatement)
            await successor;
        await Task.WhenAll(successor, _store.Attempts.ProgressAsync(Progress(3, StoreFixture.Now.AddSeconds(2), "100@2", "13", "cellar", true)));
        var open = (await _store.Open.ReadAsync(attempt, null, Ct))!;
        Assert.Equal(
            (StoreFixture.Now.AddSeconds(5), StoreFixture.Now.AddSeconds(2), "200@3", "12", "office", true),
            (open.DecidedAt, open.AnsweredAt, open.Step, open.Keys, open.Operator, open.OperatorRequested));

        await _store.Attempts.ProgressAsync(Progress(6, null, "300@4", "14", "cellar", false));
        open = (await _store.Open.ReadAsync(attempt, null, Ct))!;
        Assert.Equal(("300@4", "14", "cellar", true), (open.Step, open.Keys, open.Operator, open.OperatorRequested));
    }

    [Fact]
    public async Task A_trunk_counts_its_open_attempts_and_operator_legs()
    {
        var legs = new OperatorLegs(_store.Database);
        var (_, attempt) = await _store.CallAsync();
        var leg = new OperatorLeg($"{attempt}~op1", attempt.ToString(), StoreFixture.TrunkKey, StoreFixture.Node);
        Assert.False(await legs.StartAsync(leg, _store.TrunkEpoch - 1, StoreFixture.Now, Ct));
        Assert.True(await legs.StartAsync(leg, _store.TrunkEpoch, StoreFixture.Now, Ct));
        var open = await _store.Open.OfTrunkAsync(StoreFixture.TrunkKey, Ct);
        Assert.Equal(StoreFixture.CampaignKey, open[attempt.ToString()]);
        Assert.Null(open[leg.Id]);
        Assert.Equal(2, open.Count);

        Assert.Equal(StoreFixture.TrunkKey, await legs.EndAsync(leg.Id, StoreFixture.Now, Ct));
        Assert.Null(await legs.EndAsync(leg.Id, StoreFixture.Now, Ct));
        await _store.Attempts.EndAsync(_store.End(attempt));
        Assert.Empty(await _store.Open.OfTrunkAsync(StoreFixture.TrunkKey, Ct));
    }

    [Fact]
    public async Task An_operators_ended_leg_is_kept_from_being_called_again_until_it_is_forgotten()
    {
        var legs = new OperatorLegs(_store.Database);
        OperatorLeg Leg(int number) => new($"example~op{number}", "example", StoreFixture.TrunkKey, StoreFixture.Node);
        Task<bool> StartsAsync(int number) => legs.StartAsync(Leg(number), _store.TrunkEpoch, StoreFixture.Now, Ct);
        Assert.True(await StartsAsync(1) && await StartsAsync(2) && await StartsAsync(3));
        await legs.EndAsync(Leg(1).Id, StoreFixture.Now, Ct);
        await legs.EndAsync(Leg(2).Id, StoreFixture.Now.AddHours(2), Ct);
        Assert.False(await StartsAsync(1));

        await legs.ForgetAsync(StoreFixture.Now.AddHours(1), Ct);

        Assert.True(await StartsAsync(1));
        Assert.False(await StartsAsync(2));
        // It rings or talks, however long ago it began.
        Assert.False(await StartsAsync(3));
    }

    private AttemptProgress Progress(Guid id) => new(_store.Campaign, id, StoreFixture.Now, StoreFixture.Now, "100@1", null, null, false);

    private Task WaitingAsync(int statements) => Eventually.SeeAsync(
        async () => await _store.AskAsync<long>(PrivatePostgres.CountWaiting) == statements ? _store : null,
        $"{statements} statements that wait for a row",
        TimeSpan.FromSeconds(20));
}
