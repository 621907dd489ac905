using Dialer.Grains.Interfaces.Calls;
using Dialer.Storage.Database;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>What must hold in the world after every step, and when everything is over.</summary>
public sealed partial class PermitWorld
{
    /// <summary>Looks at everything while nothing happens.</summary>
    public async Task CheckAsync()
    {
        // Who grants is who has the epoch, whatever others believe.
        var epoch = await _store.AskAsync<long>($"select epoch from owner where kind = 'trunk' and key = '{StoreFixture.TrunkKey}'");
        var granted = _permits.Concat(_orders.Select(o => o.Permit)).Where(p => p.Epoch == epoch).ToList();
        var inUse = _channels.Keys.Concat(granted.Select(p => p.Id)).Select(id => id.ToString())
            .Concat(_legChannels).Concat(_legPermits.Where(p => p.Epoch == epoch).Select(p => p.Leg)).ToList();
        Assert.True(inUse.Count <= _lines, $"{inUse.Count} calls and permits on {_lines} lines.");
        See(inUse.Count == _lines ? "all lines taken" : "lines free");
        if (_trunks.SingleOrDefault(t => t.Epoch == epoch) is { } trunk)
            Assert.Subset(trunk.Lines.TakenBefore(DateTimeOffset.MaxValue).ToHashSet(), inUse.ToHashSet());
        foreach (var campaign in _campaigns)
        {
            var used = _channels.Values.Count(c => c.Campaign == campaign) + granted.Count(p => p.Campaign == campaign);
            Assert.True(used <= campaign.Share, $"{used} calls and permits of a campaign that has {campaign.Share} lines.");
        }

        Assert.True(_channels.Values.CountBy(c => c.Contact).All(c => c.Value == 1), "Somebody is called twice at once.");
        var calls = _channels.Values.Where(c => c.Row is not null).ToList();
        Assert.Equal("0 behind", await _store.AskAsync<string>(
            $"""
            select concat(count(*), ' behind') from unnest(
                array[{string.Join(',', calls.Select(c => c.Contact))}]::bigint[], array[{string.Join(',', calls.Select(c => c.Row!.Generation))}]::int[],
                array[{string.Join(',', calls.Select(c => c.Row!.Attempts))}]::int[]) as i(id, generation, attempts)
            join contact c on c.id = i.id and c.generation = i.generation where c.attempts <> i.attempts
            """));
        // Of two that are on their way together, the second may be the one that is heard of first.
        Assert.True(_endedAgain.All(id => _ended.Contains(id) || _perhapsEnded.Contains(id)), "An end was taken for a second one.");
        await _store.CountersAsync();
        Assert.Equal("0 called twice, 0 listed twice, 0 called too often, 0 ends miscounted", await _store.AskAsync<string>(
            $"""
            select concat(
                (select count(*) from (select from attempt where ended_at is null group by campaign, contact having count(*) > 1) x), ' called twice, ',
                (select count(*) from (select from contact where state <> 4 group by campaign, person having count(*) > 1) x), ' listed twice, ',
                (select count(*) from (select from attempt where verdict between 1 and 6 group by contact, generation having count(*) > {1 + Retries}) x),
                ' called too often, ',
                (select count(*) from attempt where ended_at is not null) - (select coalesce(sum(attempts), 0) from campaign_count), ' ends miscounted')
            """));
        // Who is claimed by the owner in place is in its hands.
        foreach (var owner in _campaigns.Select(c => c.Owners[^1]).Where(o => !o.Forgetful))
        {
            var known = owner.Buffer.Select(c => c.Id).Concat(owner.Uncertain).Concat(_orders.Where(o => o.Owner == owner).Select(o => o.Contact.Id));
            Assert.Equal(0L, await _store.AskAsync<long>(
                $"""
                select count(*) from contact c
                where state = 1 and campaign = {owner.Campaign.Lists.Campaign} and claim_epoch = {owner.Epoch} and id <> all (array[{string.Join(',', known)}]::bigint[])
                  and not exists (select from attempt a where a.contact = c.id and a.ended_at is null)
                """));
        }
    }

    /// <summary>Lets everything come to its end without further faults, and looks whether all is well.</summary>
    public async Task EndAsync()
    {
        var calm = new Act("", 1, false, Fault.None, "");
        foreach (var campaign in _campaigns.Where(c => c.Orphaned))
            await CampaignWakes(campaign, Fault.None);
        while (_orders.Count > 0)
            await Start(calm);
        while (_channels.Count > 0)
            await HangUp(calm);
        while (_legChannels.Count > 0)
            await OperatorHangsUp(calm);
        while (_reports.Count > 0)
            await End(calm);
        foreach (var call in await Lost())
            Assert.True(await Store(new Report(call, Verdict.Interrupted, _now), _store.Attempts), "An open attempt could not be ended.");
        foreach (var leg in await _legs.OpenOfNodeAsync(StoreFixture.Node, DateTimeOffset.MaxValue, Ct))
            await _legs.EndAsync(leg.Id, _now, Ct);
        foreach (var campaign in _campaigns)
            await LookAround(campaign, calm);

        // Permits that nobody gave back are found to be no calls.
        await Count(_trunks[^1], Fault.None);
        await CheckAsync();
        Assert.Equal(0, _trunks[^1].Lines.InUse - _permits.Count(p => p.Epoch == _trunks[^1].Epoch) - _legPermits.Count(p => p.Epoch == _trunks[^1].Epoch));
        Assert.Equal(0L, await _store.AskAsync<long>("select count(*) from attempt where ended_at is null"));
        Assert.Equal(0L, await _store.AskAsync<long>("select count(*) from operator_leg where ended_at is null"));
        Assert.Equal(0L, await _store.AskAsync<long>("select count(*) from contact where state = 1 or state = 0 and next_due_at is null"));
        // Whoever waits is called in the end, whoever has which place by now.
        var waiting = await _store.AskAsync<long>("select count(*) from contact where state = 0");
        _now = _now.AddYears(1);
        var claimed = 0;
        foreach (var owner in _campaigns.Select(c => c.Owners[^1]))
            claimed += (await ClaimRows(owner, owner.Epoch, 1000))?.Count ?? 0;
        Assert.True(waiting == claimed, $"{waiting} wait, and {claimed} can be claimed; owners in place have epochs "
            + $"{string.Join(", ", _campaigns.Select(c => c.Owners[^1].Epoch))}, in the database are "
            + $"{await _store.AskAsync<string>("select string_agg(epoch::text, ', ' order by key) from owner where kind = 'campaign'")}.");
    }

    // The tick and the slow poll of a campaign, until it has an owner that is one.
    private async Task LookAround(Campaign campaign, Act calm)
    {
        do
        {
            await Tick(campaign.Owners[^1], Fault.None);
            await GiveBack(campaign.Owners[^1], Fault.None);
            await Claim(campaign.Owners[^1], calm);
            await GiveBack(campaign.Owners[^1], Fault.None);
        }
        while (campaign.Orphaned);
    }
}
