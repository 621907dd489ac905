using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Dialer.Storage.Database;
using Dialer.Tests.Contacts.Lists;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>Campaigns of the world, and how they begin calls.</summary>
public sealed partial class PermitWorld
{
    private readonly List<Order> _orders = [];

    /// <summary>A campaign, and the owners it has had; the last one is in place.</summary>
    private sealed class Campaign(ListFixture lists, int share)
    {
        public ListFixture Lists { get; } = lists;

        public int Share { get; } = share;

        public string Key { get; } = $"example/{lists.Id}";

        public List<CampaignOwner> Owners { get; } = [];

        /// <summary>Claims of owners before this one are free.</summary>
        public long Recovered { get; set; }

        /// <summary>An owner that was to take its place could not, or the one in place found out that it has lost it.</summary>
        public bool Orphaned { get; set; }
    }

    /// <summary>An activation of a campaign.</summary>
    private sealed class CampaignOwner(Campaign campaign)
    {
        public Campaign Campaign { get; } = campaign;

        public long Epoch { get; set; }

        public List<ContactRow> Buffer { get; } = [];

        public HashSet<long> Uncertain { get; } = [];

        /// <summary>Contacts may be claimed that it does not know of.</summary>
        public bool Forgetful { get; set; }
    }

    /// <summary>A contact and a line that came together and are on their way to the database.</summary>
    private sealed record Order(Permit Permit, ContactRow Contact, CampaignOwner Owner)
    {
        /// <summary>The campaign has waited for its answer long enough; it may yet be carried out.</summary>
        public bool GivenUp { get; init; }
    }

    /// <summary>A call that the network has, and its contact's row as it was claimed; null where a newer list has cleared it away.</summary>
    private sealed record Call(Guid Id, Campaign Campaign, long Contact, ContactRow? Row);

    // Mostly the one in place; now and then one that has lost it.
    private CampaignOwner OwnerOf(Act act) => OwnerOf(PickOf(_campaigns, act), act);

    private static CampaignOwner OwnerOf(Campaign campaign, Act act) =>
        act.Pick % 5 == 0 ? PickOf(campaign.Owners, act.Pick / 5) : campaign.Owners[^1];

    // ---- The campaign, as CampaignGrain ----

    // Where the silo is taken for dead and has not noticed, it has the newest epoch, and no message reaches it.
    private async Task CampaignWakes(Campaign campaign, Fault fault, bool whereItIsDead = false)
    {
        var owner = new CampaignOwner(campaign);
        var owns = await Own(owner, fault);
        lock (_lock)
        {
            if (!whereItIsDead)
                campaign.Orphaned = !owns;
            if (owns)
                campaign.Owners.Insert(campaign.Owners.Count - (whereItIsDead ? 1 : 0), owner);
        }
    }

    private Task<bool> Own(CampaignOwner owner, Fault fault) =>
        Own(owner, fault, async () => await _store.TakeAsync(Owners.Campaign, owner.Campaign.Key));

    private async Task OwnAnew(CampaignOwner owner, Fault fault)
    {
        lock (_lock)
            owner.Buffer.Clear();
        if (await Own(owner, fault, () => _store.Owners.RenewAsync(Owners.Campaign, owner.Campaign.Key, owner.Epoch, Ct)))
            owner.Forgetful = false;
        else
            LosePlace(owner);
    }

    // It ends itself, and whoever looks for the campaign next wakes another.
    private void LosePlace(CampaignOwner owner)
    {
        See("place lost");
        lock (_lock)
        {
            owner.Buffer.Clear();
            owner.Forgetful = true;
            owner.Campaign.Orphaned |= owner == owner.Campaign.Owners[^1];
        }
    }

    private async Task<bool> Own(CampaignOwner owner, Fault fault, Func<Task<long?>> take)
    {
        var campaign = owner.Campaign;
        var (_, epoch) = await TellAsync(fault, async () =>
        {
            if (await take() is not { } taken)
                return (long?)null;
            await _store.Contacts.RecoverAsync(campaign.Lists.Campaign, taken, Ct);
            return taken;
        });
        lock (_lock)
            if (epoch is { } owned)
                (owner.Epoch, campaign.Recovered) = (owned, Math.Max(campaign.Recovered, owned));
        return epoch is not null;
    }

    private async Task Claim(CampaignOwner owner, Act act)
    {
        if (owner.Buffer.Count >= 3)
            return;
        var (known, epoch) = (owner.Campaign.Recovered, owner.Epoch);
        var (answered, claimed) = await TellAsync(act.Fault, async () =>
        {
            var rows = await ClaimRows(owner, epoch, 1 + (act.Pick % 3));
            Assert.False(rows?.Count > 0 && epoch < known, "Contacts were claimed under an old epoch of their campaign.");
            return rows;
        });
        if (answered && claimed is null && epoch == owner.Epoch)
            LosePlace(owner);
        lock (_lock)
            if (!answered)
                owner.Forgetful = true;
            else if (claimed is not null)
                owner.Buffer.AddRange(claimed);
    }

    private Task<List<ContactRow>?> ClaimRows(CampaignOwner owner, long epoch, int limit) =>
        _store.Contacts.ClaimAsync(owner.Campaign.Lists.Campaign, owner.Campaign.Key, epoch, _now, limit, Ct);

    /// <summary>All that a campaign does at a stroke where nothing comes in between.</summary>
    private async Task Pump(Campaign campaign, Act act)
    {
        if (campaign.Owners[^1].Buffer.Count == 0)
            await Claim(campaign.Owners[^1], act);
        await Want(campaign);
        await Match(act);
        await Match(act);
    }

    private Task Match(Act act)
    {
        if (!TryTake(_permits, act, out var permit))
            return Task.CompletedTask;
        lock (_lock)
        {
            var owner = OwnerOf(permit.Campaign, act);
            if (owner.Buffer.Count > 0)
            {
                _orders.Add(new Order(permit, owner.Buffer[0], owner));
                owner.Buffer.RemoveAt(0);
            }
            else
                _releases.Add((permit.Id.ToString(), LineReturn.Unused));
        }

        return Task.CompletedTask;
    }

    private Task GrantIsLost(Act act)
    {
        TryTake(_permits, act, out _);
        return Task.CompletedTask;
    }

    // And what follows when the database answers again, before the order itself comes to it.
    private async Task GiveUpOrder(Act act)
    {
        if (!TryTake(_orders, act, out var order))
            return;
        lock (_lock)
        {
            order.Owner.Uncertain.Add(order.Contact.Id);
            _orders.Add(order with { GivenUp = true });
        }

        await Tick(order.Owner, act.Fault);
        await Claim(order.Owner, act);
    }

    private async Task Tick(CampaignOwner owner, Fault fault)
    {
        // An activation that failed is tried again by whoever looks for the campaign.
        if (owner.Campaign.Orphaned)
            await CampaignWakes(owner.Campaign, fault);
        if (owner.Forgetful)
            await OwnAnew(owner, fault);

        List<long> contacts;
        lock (_lock)
            contacts = [.. owner.Uncertain];
        if (await ReleaseClaims(owner, contacts, fault))
            lock (_lock)
                owner.Uncertain.ExceptWith(contacts);
    }

    private async Task GiveBack(CampaignOwner owner, Fault fault)
    {
        List<long> contacts;
        lock (_lock)
        {
            contacts = [.. owner.Buffer.Select(c => c.Id)];
            owner.Buffer.Clear();
        }

        if (!await ReleaseClaims(owner, contacts, fault))
            lock (_lock)
                owner.Uncertain.UnionWith(contacts);
    }

    private async Task<bool> ReleaseClaims(CampaignOwner owner, List<long> contacts, Fault fault) => (await TellAsync(fault, async () =>
    {
        await _store.Contacts.ReleaseAsync(owner.Campaign.Lists.Campaign, contacts, owner.Epoch, null, Ct);
        return true;
    })).Answered;

    private async Task Start(Act act)
    {
        if (!TryTake(_orders, act, out var order))
            return;
        var (contact, permit, campaign) = (order.Contact, order.Permit, order.Permit.Campaign);
        var (trunk, recovered) = (_trunkEpoch, campaign.Recovered);
        var start = _store.Start(contact, permit.Id) with { TrunkEpoch = permit.Epoch, Campaign = campaign.Lists.Campaign };
        var (answered, outcome) = await TellAsync(act.Fault, async () =>
        {
            var outcome = await _store.Stores[act.Pick % 2].StartAsync(start);
            See($"start {outcome}");
            Assert.False(outcome == StartOutcome.Started && permit.Epoch < trunk, "An attempt was started under an old epoch of its trunk.");
            Assert.False(outcome == StartOutcome.Started && contact.ClaimEpoch < recovered, "An attempt was started under an old claim.");
            return outcome;
        });
        lock (_lock)
        {
            if (answered && outcome == StartOutcome.Started)
            {
                // Each seventh contact dies between the row and the call.
                if (act.Pick % 7 == 0)
                    order.Owner.Uncertain.Add(contact.Id);
                else
                    _channels.Add(permit.Id, new Call(permit.Id, campaign, contact.Id, contact));
                See(order.GivenUp ? "late start" : "timely start");
                return;
            }

            // Nobody hears of it. The trunk finds by itself that no call has come of its line.
            if (order.GivenUp)
                return;
            if (answered && outcome == StartOutcome.TrunkFenced)
                order.Owner.Buffer.Add(contact);
            else
                order.Owner.Uncertain.Add(contact.Id);
            _releases.Add((permit.Id.ToString(), LineReturn.Unused));
        }

        if (answered && outcome == StartOutcome.TrunkFenced)
            await Recount(permit.Epoch);
    }
}
