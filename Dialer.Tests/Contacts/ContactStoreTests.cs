using Dialer.Storage.Calls;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Database;
using Dialer.Tests.Calls;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Contacts;

public sealed class ContactStoreTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private StoreFixture _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await StoreFixture.CreateAsync(postgres);
        await _store.UploadAsync(ListMode.Replace, 1, 2, 3, 4);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_claim_with_an_old_epoch_gets_nobody_and_says_why()
    {
        var epoch = await _store.TakeAsync(Owners.Campaign, StoreFixture.CampaignKey);
        Assert.Null(await _store.Contacts.ClaimAsync(_store.Campaign, StoreFixture.CampaignKey, _store.Epoch, StoreFixture.Now, 4, Ct));
        // Nobody is waiting at all, and its owner is told no more than that.
        Assert.Equal(4, (await _store.ClaimAsync(4, epoch)).Count);
        Assert.Empty(await _store.ClaimAsync(4, epoch));
    }

    [Fact]
    public async Task Claims_pass_over_rows_that_somebody_holds_and_never_share_a_contact()
    {
        await using (var connection = await _store.Database.OpenConnectionAsync(Ct))
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            await using var hold = connection.CreateCommand();
            hold.CommandText = "select id from contact where name = 'Person2' for update";
            await hold.ExecuteNonQueryAsync(Ct);
            Assert.Equal(["Person1", "Person3"], (await _store.ClaimAsync(2)).Select(c => c.Name).Order());
        }

        var claims = await Task.WhenAll(_store.ClaimAsync(2), _store.ClaimAsync(2));
        Assert.Equal(["Person2", "Person4"], claims.SelectMany(c => c).Select(c => c.Name).Order());
        Assert.Empty(await _store.ClaimAsync(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_claim_that_becomes_an_attempt_while_it_is_given_back_stays_a_call(bool byNewOwner)
    {
        var contact = Assert.Single(await _store.ClaimAsync(1));
        Task freed;
        await using (var connection = await _store.Database.OpenConnectionAsync(Ct))
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            // As the statement of a start does: the contact's lock first, then the attempt.
            await using var start = connection.CreateCommand();
            start.CommandText = "select id from contact where id = $1 for update";
            start.Parameters.Add(new() { Value = contact.Id });
            await start.ExecuteNonQueryAsync(Ct);
            freed = byNewOwner
                ? _store.Contacts.RecoverAsync(_store.Campaign, await _store.TakeAsync(Owners.Campaign, StoreFixture.CampaignKey), Ct)
                : _store.ReleaseAsync(contact);
            await Eventually.SeeAsync(
                async () => await _store.AskAsync<long>(PrivatePostgres.CountWaiting) > 0 ? freed : null,
                "the other side waiting for the contact's lock",
                TimeSpan.FromSeconds(10));
            await using var attempt = connection.CreateCommand();
            attempt.CommandText = """
                insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at)
                select campaign, gen_random_uuid(), id, generation, name, numbers[1], 0, 'example/main', 'example-node', now() from contact where id = $1
                """;
            attempt.Parameters.Add(new() { Value = contact.Id });
            await attempt.ExecuteNonQueryAsync(Ct);
            await transaction.CommitAsync(Ct);
        }

        await freed;
        Assert.Equal((short)1, await _store.AskAsync<short>($"select state from contact where id = {contact.Id}"));
    }

    [Fact]
    public async Task Retries_come_before_those_never_called_and_none_before_its_time()
    {
        var (first, attempt) = await _store.CallAsync();
        var due = StoreFixture.Now.AddMinutes(30);
        await _store.Attempts.EndAsync(_store.End(
            attempt, Grains.Interfaces.Calls.Verdict.TooShort, Grains.Interfaces.Contacts.ContactState.Waiting, due, retriesUsed: 1));
        Assert.Equal(3, (await _store.ClaimAsync(4)).Count);
        Assert.Equal(due, await _store.Contacts.NextDueAsync(_store.Campaign, Ct));
        Assert.Empty(await _store.ClaimAsync(4, now: due.AddTicks(-10)));
        await _store.UploadAsync(ListMode.Add, 5);
        var again = Assert.Single(await _store.ClaimAsync(1, now: due));
        Assert.Equal((first.Id, 1), (again.Id, again.RetriesUsed));
    }

    [Fact]
    public async Task A_new_owner_frees_what_the_lost_one_had_claimed_but_not_what_it_calls()
    {
        var (called, _) = await _store.CallAsync();
        Assert.Equal(2, (await _store.ClaimAsync(2)).Count);
        var epoch = await _store.TakeAsync(Owners.Campaign, StoreFixture.CampaignKey);
        Assert.Equal(2, await _store.Contacts.RecoverAsync(_store.Campaign, epoch, Ct));
        var free = await _store.ClaimAsync(4, epoch);
        Assert.Equal(3, free.Count);
        Assert.DoesNotContain(free, c => c.Id == called.Id);
        Assert.Equal(0, await _store.Contacts.RecoverAsync(_store.Campaign, epoch, Ct));
    }

    [Fact]
    public async Task A_release_leaves_a_contact_with_a_running_attempt_alone()
    {
        var (contact, _) = await _store.CallAsync();
        await _store.ReleaseAsync(contact, StoreFixture.Now.AddDays(1));
        Assert.Equal("3 1 0 0 0", await _store.CountersAsync());
        Assert.Equal((short)1, await _store.AskAsync<short>($"select state from contact where id = {contact.Id}"));
    }

    [Fact]
    public async Task A_release_with_a_moment_puts_a_contact_off_until_the_hours_are_changed()
    {
        foreach (var contact in await _store.ClaimAsync(4))
            await _store.ReleaseAsync(contact, StoreFixture.Now.AddDays(1));
        Assert.Empty(await _store.ClaimAsync(4));
        await _store.Contacts.ReviseAsync(_store.Campaign, StoreFixture.Now, Ct);
        Assert.Equal(4, (await _store.ClaimAsync(4)).Count);
    }

    [Fact]
    public async Task A_claim_reads_what_it_claims_and_not_all_that_wait()
    {
        const int Waiting = 100_000;
        await _store.AskAsync<long>($"""
            insert into contact (campaign, list, edition, person, name, numbers, variables, next_due_at)
            select campaign, list, edition, gen_random_uuid(), name || i, numbers, variables, next_due_at
            from (select * from contact limit 1) one, generate_series(1, {Waiting}) i;
            analyze contact (campaign, edition, state, retrying, next_due_at);
            select 0::bigint
            """);

        // A prepared statement is planned anew five times before PostgreSQL settles for one plan.
        for (var i = 0; i < 8; i++)
            Assert.Equal(250, (await _store.ClaimAsync(250)).Count);

        await Eventually.SeeAsync(
            async () => await _store.AskAsync<long>("select n_tup_upd from pg_stat_user_tables where relname = 'contact'") >= 8 * 250 ? this : null,
            "what the claims have read",
            TimeSpan.FromSeconds(30));
        Assert.InRange(await _store.AskAsync<long>("select seq_tup_read from pg_stat_user_tables where relname = 'contact'"), 0, Waiting / 2);
    }
}
