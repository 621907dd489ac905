using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Storage.Campaigns;
using Dialer.Storage.Contacts;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Database;
using Dialer.Tests.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>The stores of calls over a real database with one campaign, and owners that took their first epochs.</summary>
public sealed class StoreFixture : IAsyncDisposable
{
    public const string CampaignKey = "example/debts";
    public const string TrunkKey = "example/main";
    public const string Node = "example-node";
    public static readonly DateTimeOffset Now = new(2026, 3, 10, 7, 0, 0, TimeSpan.Zero);
    private StoreFixture(ListFixture lists)
    {
        Lists = lists;
        Owners = new Owners(lists.Database);
        Contacts = new ContactStore(lists.Database);
        Open = new OpenAttempts(lists.Database);
        Campaigns = new CampaignTable(lists.Database);
        // Two processes write with shards of their own.
        Stores = [new AttemptStore(lists.Database), new AttemptStore(lists.Database)];
    }

    public Npgsql.NpgsqlDataSource Database => Lists.Database;

    public ListFixture Lists { get; }

    public Owners Owners { get; }

    public ContactStore Contacts { get; }

    public OpenAttempts Open { get; }

    public CampaignTable Campaigns { get; }

    public AttemptStore[] Stores { get; }

    public AttemptStore Attempts => Stores[0];

    public int Campaign => Lists.Campaign;

    public long Epoch { get; set; }

    public long TrunkEpoch { get; set; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<StoreFixture> CreateAsync(PrivatePostgres postgres)
    {
        var fixture = new StoreFixture(await ListFixture.CreateAsync(postgres, new FixedClock()));
        fixture.Epoch = await fixture.TakeAsync(Dialer.Storage.Database.Owners.Campaign, CampaignKey);
        fixture.TrunkEpoch = await fixture.TakeAsync(Dialer.Storage.Database.Owners.Trunk, TrunkKey);
        return fixture;
    }

    public Task<long> TakeAsync(string kind, string key) => Owners.TakeAsync(kind, key, "example-silo", Now, Ct);

    /// <summary>Uploads people by the last digits of their number.</summary>
    public Task UploadAsync(ListMode mode, params int[] people) => UploadAsync(Lists, mode, people);

    public static async Task UploadAsync(ListFixture lists, ListMode mode, params int[] people)
    {
        var csv = "NAME,PHONE_NUMBER,USER_VARS\n" + string.Concat(people.Select(p => $"Person{p},7916111{p:0000},BALANCE=-1\n"));
        var result = (await lists.ImportAsync(csv, mode)).Result;
        Assert.True(result.State == ListState.Done, result.Failure?.Reason);
    }

    /// <summary>Who is claimed, by an owner that still is one.</summary>
    public async Task<List<ContactRow>> ClaimAsync(int limit, long? epoch = null, DateTimeOffset? now = null)
    {
        var claimed = await Contacts.ClaimAsync(Campaign, CampaignKey, epoch ?? Epoch, now ?? Now, limit, Ct);
        Assert.NotNull(claimed);
        return claimed;
    }

    public Task ReleaseAsync(ContactRow contact, DateTimeOffset? notBefore = null) =>
        Contacts.ReleaseAsync(Campaign, [contact.Id], contact.ClaimEpoch, notBefore, Ct);

    public AttemptStart Start(ContactRow contact, Guid? id = null) => new(
        Campaign, id ?? Guid.CreateVersion7(), contact.Id, contact.ClaimEpoch, contact.Generation, contact.Attempts, contact.Name, contact.Numbers[0], 0,
        TrunkKey, TrunkEpoch, Node, Now);

    public AttemptEnd End(
        Guid id, Verdict verdict = Verdict.Success, ContactState state = ContactState.Done, DateTimeOffset? due = null, int retriesUsed = 0) => new(
        Campaign, id, Now.AddSeconds(5), Now.AddSeconds(20), verdict, 16, null, "1", null, false, state, due, 0, 0, retriesUsed, 0);

    /// <summary>A contact that is claimed and called.</summary>
    public async Task<(ContactRow Contact, Guid Attempt)> CallAsync()
    {
        var contact = Assert.Single(await ClaimAsync(1));
        var start = Start(contact);
        Assert.Equal(StartOutcome.Started, await Attempts.StartAsync(start));
        return (contact, start.Id);
    }

    public Task<T> AskAsync<T>(string sql) => Lists.AskAsync<T>(sql);

    /// <summary>Waiting, calling, done, failed, withdrawn, as the counters say; and that they agree with the rows.</summary>
    public async Task<string> CountersAsync()
    {
        var counters = await Lists.CountersAsync();
        Assert.Equal(await Lists.CountedAsync(), counters);
        return counters;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in Stores)
            await store.DisposeAsync();
        await Lists.DisposeAsync();
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
