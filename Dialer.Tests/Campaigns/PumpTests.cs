using Dialer.Grains.Campaigns;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Trunks;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Campaigns;

/// <summary>When calls start, and how many at once.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class PumpTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Nothing_is_dialled_before_the_calling_hours_and_all_is_when_they_open()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Schedule = [new CallingWindow([Weekday.Tue], new TimeOnly(10, 1), new TimeOnly(20, 0))] });
        await _world.UploadAsync("Anna,79161110001");
        var status = await _world.Campaign().Status();
        Assert.Equal((CampaignActivity.Waiting, "outsideSchedule"), (status.State, status.Reasons[0].Code));

        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        Assert.InRange(Assert.Single(_world.Asterisk.Originates).At, status.Reasons[0].Until!.Value, status.Reasons[0].Until!.Value.AddSeconds(10));
    }

    [Fact]
    public async Task A_pause_starts_no_further_call_and_the_running_ones_end_by_themselves()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002", "Clara,79161110003", "Dmitri,79161110004");
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 3, "three calls");
        await _world.Campaign().Pause();

        Assert.All(await _world.VerdictsAsync(3), v => Assert.Equal(Verdict.Success, v));
        await _world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(3, _world.Asterisk.Originates.Count);
        Assert.Equal(CampaignActivity.Paused, (await _world.Campaign().Status()).State);
        // The fourth was in the campaign's hands, and is free again.
        Assert.Equal(1L, await _world.AskAsync<long>("select count(*) from contact where state = 0 and claim_epoch is null"));
        await _world.Campaign().Start();
        Assert.Equal(4, (await _world.VerdictsAsync(4)).Length);
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task Whoever_waits_for_a_line_is_not_told_to_be_due_later()
    {
        await _world.MoveInAsync(lines: 1);
        _world.Asterisk.Script("79161110001", Subscriber.Busy());
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)], Retries = 1 });
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002", "Clara,79161110003");
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 2, "two calls");

        var status = await _world.Campaign().Status();

        Assert.Equal(CampaignActivity.Calling, status.State);
        Assert.DoesNotContain("nothingDue", status.Reasons.Select(r => r.Code));
    }

    [Fact]
    public async Task Two_campaigns_on_one_trunk_share_its_lines_fairly_and_never_exceed_them()
    {
        await _world.MoveInAsync(lines: 4);
        foreach (var id in (string[])["debts", "water"])
        {
            await _world.Campaign(id).Put(CallWorld.Debts with { Enabled = false, Trunks = [new TrunkShare("main", 4)] });
            await _world.UploadAsync(id, ListMode.Replace, [.. Enumerable.Range(0, 8).Select(i => $"{id}{i},7916{(id == "debts" ? 111 : 222)}000{i}")]);
        }

        await _world.Campaign("debts").Start();
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count >= 4, "four calls");
        await _world.Campaign("water").Start();
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 16, "sixteen calls");
        await _world.NothingIsLeftAsync();

        Assert.Equal(4, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
        // Of the eight lines that were free next, the newcomer had the first four, then they took turns.
        var next = _world.Asterisk.Originates.Skip(4).Take(8).Count(o => o.Number.StartsWith("7916222", StringComparison.Ordinal));
        Assert.InRange(next, 4, 6);
        await _world.CountersAreRightAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_more_calls_start_in_a_second_than_the_trunk_allows(bool savedMeanwhile)
    {
        await _world.MoveInAsync(lines: 10, callsPerSecond: 2);
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 10)] });
        await _world.UploadAsync([.. Enumerable.Range(0, 7).Select(i => $"Person{i},7916111000{i}")]);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count >= 2, "two calls");
        if (savedMeanwhile)
            await _world.MoveInAsync(lines: 10, callsPerSecond: 2);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 7, "seven calls");

        var starts = (await _world.AttemptsAsync()).Select(a => a.StartedAt).ToList();
        Assert.True(starts[^1] - starts[0] >= TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(250), $"Seven calls in {starts[^1] - starts[0]}.");
    }

    [Fact]
    public async Task A_trunk_whose_lines_the_database_refuses_counts_again_and_goes_on()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        // As an activation that was cut off and came back finds it.
        await _world.AskAsync<long>("update owner set epoch = epoch + 1 where kind = 'trunk' returning epoch");
        await _world.UploadAsync([.. Enumerable.Range(0, 5).Select(i => $"Person{i},7916111000{i}")]);
        Assert.All(await _world.VerdictsAsync(5), v => Assert.Equal(Verdict.Success, v));
        Assert.InRange(_world.Asterisk.MostChannels(CallWorld.MainEndpoint), 1, 3);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_trunk_that_could_not_count_goes_on_as_soon_as_the_database_answers()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        var epoch = await _world.AskAsync<long>("select epoch from owner where kind = 'trunk'");
        await _world.DoAsync("alter table owner rename to away");
        await _world.Grains.GetGrain<ITrunkLines>(_world.Trunk().GetPrimaryKeyString()).Recount(epoch);
        await Eventually.SeeAsync(
            async () => (await _world.Trunk().Status()).Health == TrunkHealth.Unknown ? _world : null, "a trunk that does not know", TimeSpan.FromSeconds(10));
        await _world.DoAsync("alter table away rename to owner");
        await _world.UploadAsync("Anna,79161110001");
        await _world.PassAsync(TimeSpan.FromSeconds(4));
        await Eventually.SeeAsync(() => _world.Asterisk.Originates.Count == 1 ? _world : null, "a call", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Lines_on_their_way_to_a_campaign_that_is_gone_are_free_for_the_one_that_follows_it()
    {
        // As to a silo that hangs: nobody hears of them.
        var swallowed = 0;
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name == nameof(ICampaignLines.Granted) && Interlocked.Increment(ref swallowed) == 1)
                await CallWorld.Swallow(call);
            else
                await call.Invoke();
        };
        await _world.MoveInAsync(lines: 1);
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)] });
        await _world.UploadAsync("Anna,79161110001");
        await _world.PassUntilAsync(() => swallowed > 0, "a line on its way");
        await _world.Cluster.DeactivateAsync(_world.Campaign());
        await _world.Campaign().Status();
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a call", TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task A_line_whose_call_is_refused_when_its_campaign_is_gone_is_free()
    {
        var (asked, refused) = (new TaskCompletionSource(), new TaskCompletionSource());
        _world.Around = async call =>
        {
            if (call.InterfaceMethod.Name != nameof(IContactGrain.Call))
            {
                await call.Invoke();
                return;
            }

            asked.TrySetResult();
            await refused.Task;
            await CallWorld.AnswerInstead(call, OrderOutcome.ContactFenced);
        };
        await _world.MoveInAsync(lines: 1);
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)] });
        await _world.UploadAsync("Anna,79161110001");
        await _world.PassUntilAsync(() => asked.Task.IsCompleted, "somebody who is about to be called");
        await _world.Campaign().Pause();
        var gone = _world.Cluster.DeactivateAsync(_world.Campaign());
        // Longer than it waits for its last calls, and much shorter than a trunk waits before it looks for lines that nobody uses.
        await _world.PassAsync(TimeSpan.FromSeconds(6));
        await gone;
        Assert.Equal(1, (await _world.Trunk().Status()).InUse);

        refused.SetResult();

        await CallWorld.SeeAsync(async () => (await _world.Trunk().Status()).InUse == 0, "a line that is free");
        // Nor did it begin anew.
        await _world.IsGoneAsync(_world.Campaign());
    }

    [Fact]
    public async Task A_trunk_that_a_campaign_no_longer_uses_carries_no_further_call_of_it()
    {
        await _world.MoveInAsync(lines: 1, callsPerSecond: 0.5);
        await _world.Trunk("spare").Put(new TrunkSettings("127.0.0.1", 5071, 5, 1000));
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 1)] });
        await _world.UploadAsync([.. Enumerable.Range(0, 5).Select(i => $"Person{i},7916111000{i}")]);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a call");
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("spare", 5)] });
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 5, "five calls");

        Assert.Single(_world.Asterisk.Originates, o => o.Endpoint == CallWorld.MainEndpoint);
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_trunk_that_a_campaign_no_longer_uses_is_there_for_others_at_once()
    {
        await _world.MoveInAsync(lines: 10, callsPerSecond: 0.5);
        await _world.Trunk("spare").Put(new TrunkSettings("127.0.0.1", 5071, 1, 1));
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 10)], Priority = 1 });
        await _world.UploadAsync([.. Enumerable.Range(10, 20).Select(i => $"Person{i},791611100{i}")]);
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count >= 2, "two calls");
        await _world.Campaign("others").Put(CallWorld.Debts with { Trunks = [new TrunkShare("main", 10)] });
        await _world.UploadAsync("others", ListMode.Replace, "Anna,79162220001");
        await _world.Campaign().Put(CallWorld.Debts with { Trunks = [new TrunkShare("spare", 1)], Priority = 1 });
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Any(o => o.Number == "79162220001"), "a call of another", TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Contacts_whose_claim_was_never_answered_are_called_all_the_same()
    {
        await _world.MoveInAsync();
        await _world.AskAsync<long>("""
            create sequence unanswered;
            create function lose_answer() returns trigger language plpgsql as
                $$ begin perform nextval('unanswered'); raise exception 'connection lost' using errcode = '57P01'; end $$;
            create trigger lose_answer before update on contact for each row when (old.state = 0 and new.state = 1) execute function lose_answer();
            select 0::bigint
            """);
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002");
        await _world.PassUntilAsync(async () => await _world.AskAsync<bool>("select is_called from unanswered"), "a claim");
        // Seen from here it failed; seen from the database it was done.
        await _world.AskAsync<long>("""
            drop trigger lose_answer on contact;
            update contact set state = 1, claim_epoch = (select epoch from owner where kind = 'campaign');
            select 0::bigint
            """);

        Assert.Equal([Verdict.Success, Verdict.Success], await _world.VerdictsAsync(2));
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task A_campaign_whose_place_was_taken_by_an_owner_that_is_gone_calls_everybody_all_the_same()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002");
        // As a silo that was declared dead leaves it, which woke for a moment, began the campaign there, claimed somebody, and ended itself.
        var taken = await _world.AskAsync<long>("update owner set epoch = epoch + 1 where kind = 'campaign' returning epoch");
        await _world.AskAsync<long>($"update contact set state = 1, claim_epoch = {taken} where name = 'Anna' returning id");
        await _world.Campaign().Start();

        // Nor does it take the place back while that silo may still be ending itself.
        await _world.PassAsync(TimeSpan.FromSeconds(3.5));
        Assert.Equal(taken, await EpochAsync());
        Assert.Equal([Verdict.Success, Verdict.Success], await _world.VerdictsAsync(2));
        Assert.Equal(taken + 1, await EpochAsync());
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task A_new_campaign_whose_first_epoch_could_not_be_had_calls_all_the_same()
    {
        await _world.MoveInAsync();
        await _world.FailOnceAsync("owner", "insert", "new.kind = 'campaign'");
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Put(CallWorld.Debts));
        await _world.UploadAsync("Anna,79161110001");
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
    }

    [Theory]
    [InlineData(nameof(IDialPlanGrain.Snapshot))]
    [InlineData(nameof(ITenantGrain.Get))]
    [InlineData(nameof(ICampaignLines.PlanChanged))]
    public async Task A_changed_plan_that_a_campaign_did_not_hear_of_is_followed_all_the_same(string lost)
    {
        // Their clock is fast: who hangs up may be gone before the first clip is made.
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers();
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna,79161110001");
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a call");
        var (changed, dead) = (false, 0);
        _world.Around = call =>
        {
            changed |= call.InterfaceMethod.Name == nameof(ICampaignLines.PlanChanged);
            return changed && call.InterfaceMethod.Name == lost && (lost == nameof(ICampaignLines.PlanChanged) || call.SourceId == _world.Campaign().GetGrainId())
                && Interlocked.Increment(ref dead) == 1
                ? throw new SiloUnavailableException("The silo has just died.")
                : call.Invoke();
        };
        await _world.Plan.Put("100", new Playback { Audio = "pay" });
        var version = await _world.Plan.Version();
        var campaign = _world.Grains.GetGrain<ICampaignLines>(_world.Campaign().GetPrimaryKeyString());
        await _world.PassUntilAsync(async () => (await campaign.Script())!.Plan.Version == version, "a campaign that knows the plan");
        Assert.True(dead > 0);
        await _world.UploadAsync("debts", ListMode.Add, "Boris,79161110002");
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 2, "another call");
        Assert.NotEqual(_world.Asterisk.Plays[0].Media, _world.Asterisk.Plays[1].Media);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_tenant_has_stored_is_followed_though_it_died_before_it_told_anybody(bool isAudio)
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        var campaign = _world.Grains.GetGrain<ICampaignLines>(_world.Campaign().GetPrimaryKeyString());
        var before = (await campaign.Script())!.Plan.Audio["greeting"];
        _world.Around = call => call.InterfaceMethod.Name == nameof(IDialPlanGrain.Refresh)
            ? throw new SiloUnavailableException("The silo has just died.") : call.Invoke();
        await Assert.ThrowsAnyAsync<Exception>(() => isAudio
            ? _world.Customer.PutAudioText("greeting", "Something else", null)
            : _world.Customer.Put(new TenantSettings("Example", "en-US", "Europe/London")));

        await _world.PassUntilAsync(
            async () => (await campaign.Script())!.Plan is var plan
                && (isAudio ? plan.Audio["greeting"] != before : (plan.Culture, (await campaign.Terms())!.TimeZone) == ("en-US", "Europe/London")),
            "a campaign that knows what has changed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_campaign_whose_deletion_was_not_answered_calls_when_it_is_used_again(bool isOfRows)
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false });
        await (isOfRows ? _world.FailOnceAsync("campaign", "delete", "true") : _world.FailOnceAsync("orleans_storage", "insert or update", "new.grain_type = 'campaign'"));
        await Assert.ThrowsAnyAsync<Exception>(() => _world.Campaign().Delete());
        // Here they were not deleted; had the answer alone been lost, they would be.
        await _world.DoAsync("delete from campaign");
        await _world.IsGoneAsync(_world.Campaign());

        await _world.Campaign().Start();
        await _world.UploadAsync("Anna,79161110001");

        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
    }

    [Fact]
    public async Task Who_may_not_be_called_yet_does_not_keep_a_line_where_that_could_not_be_written()
    {
        await _world.MoveInAsync(lines: 1);
        await _world.Campaign().Put(CallWorld.Debts with
        {
            Enabled = false, Trunks = [new TrunkShare("main", 1)], Schedule = [Until(12)],
        });
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002");
        await PastNoonIsItWhereAnnaIsAsync();
        await _world.FailOnceAsync("contact", "update", "old.state = 1 and new.state = 0");
        await _world.Campaign().Start();
        // A line that seems to be in use is looked for after 30 s. (A database that is connected anew takes a while, and the test's clock does not wait for it.)
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Any(o => o.Number == "79161110002"), "a call of another", TimeSpan.FromSeconds(20));
        Assert.True(await _world.HasFailedAsync("contact"));
        await _world.PassUntilAsync(AnnaIsPutAwayAsync, "somebody who is put away");
    }

    [Fact]
    public async Task Hours_that_are_changed_count_for_all_even_where_that_was_cut_short()
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Enabled = false, Schedule = [Until(12)] });
        await _world.UploadAsync("Anna,79161110001");
        await PastNoonIsItWhereAnnaIsAsync();
        await _world.Campaign().Start();
        await _world.PassUntilAsync(AnnaIsPutAwayAsync, "somebody who is put away");
        await _world.FailOnceAsync("contact", "update", "old.state = 0 and new.state = 0");
        await _world.Campaign().Put(CallWorld.Debts with { Schedule = [Until(22)] });
        await CallWorld.SeeAsync(() => _world.HasFailedAsync("contact"), "a statement that failed");
        await _world.Cluster.DeactivateAsync(_world.Campaign());
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1, "a call", TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_campaign_with_nobody_to_call_writes_nothing()
    {
        await _world.MoveInAsync();
        _world.Asterisk.DefaultSubscriber = Subscriber.Busy();
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 1, RetryInterval = TimeSpan.FromHours(1) });
        await _world.UploadAsync("Anna,79161110001");
        Assert.Equal([Verdict.Busy], await _world.VerdictsAsync(1));
        await _world.PassAsync(TimeSpan.FromSeconds(3));
        // Who claims locks the owner's row, and a row has the last who locked it.
        const string LastClaim = "select xmax::text from owner where kind = 'campaign'";
        var before = await _world.AskAsync<string>(LastClaim);

        await _world.PassAsync(TimeSpan.FromSeconds(50));

        Assert.Equal(before, await _world.AskAsync<string>(LastClaim));
    }

    private static CallingWindow Until(int hour) => new([Weekday.Tue], new TimeOnly(9, 0), new TimeOnly(hour, 0));

    private Task PastNoonIsItWhereAnnaIsAsync() => _world.DoAsync("update contact set time_zone = 'Asia/Vladivostok' where name = 'Anna'");

    private Task<bool> AnnaIsPutAwayAsync() =>
        _world.AskAsync<bool>("select bool_or(state = 0 and next_due_at > '2026-03-10 12:00Z') from contact where name = 'Anna'");

    private Task<long> EpochAsync() => _world.AskAsync<long>("select epoch from owner where kind = 'campaign'");
}
