using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
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
    public async Task A_contact_with_a_running_attempt_gets_no_second_one()
    {
        var (contact, attempt) = await _store.CallAsync();
        Assert.Equal(StartOutcome.ContactFenced, await _store.Attempts.StartAsync(_store.Start(contact)));
        // In one statement, too.
        var other = Assert.Single(await _store.ClaimAsync(1));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.Attempts.StartAsync(_store.Start(other))));
        Assert.Single(outcomes, StartOutcome.Started);
        Assert.Equal("1 2 0 0 0", await _store.CountersAsync());
        Assert.Equal(attempt, (await _store.Open.ReadAsync(attempt, Ct))!.Id);
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
        Assert.Null(await _store.Open.ReadAsync(attempt, Ct));
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
            new(_store.Campaign, attempt, answered, step, keys, who, asked);
        await Task.WhenAll(
            _store.Attempts.ProgressAsync(Progress(StoreFixture.Now.AddSeconds(3), "100@1", null, null, false)),
            _store.Attempts.ProgressAsync(Progress(null, "100*1@2", "1", null, true)),
            _store.Attempts.ProgressAsync(Progress(StoreFixture.Now.AddSeconds(9), null, null, "office", false)));

        var open = await _store.Open.ReadAsync(attempt, Ct);
        Assert.Equal(
            (StoreFixture.Now.AddSeconds(3), "100*1@2", "1", "office", true), (open!.AnsweredAt, open.Step, open.Keys, open.Operator, open.OperatorRequested));
        await _store.Attempts.EndAsync(_store.End(attempt));
        await _store.Attempts.ProgressAsync(Progress(null, "late", "999", null, false));
        Assert.Equal("100*1@2", await _store.AskAsync<string>($"select step from attempt where id = '{attempt}'"));
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
}
