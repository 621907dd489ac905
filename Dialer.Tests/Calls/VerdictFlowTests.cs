using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Trunks;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>From the upload of a list to the verdicts, through all grains.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class VerdictFlowTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await CallWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_list_is_called_and_every_contact_that_listened_is_done()
    {
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(12));
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002", "Clara,79161110003", "Dmitri,79161110004", "Elena,79161110005");

        Assert.All(await _world.VerdictsAsync(5), v => Assert.Equal(Verdict.Success, v));
        Assert.Equal("Anna 2, Boris 2, Clara 2, Dmitri 2, Elena 2", await _world.StatesAsync());
        Assert.Equal(5, _world.Asterisk.Originates.Count);
        // Three of the trunk's five lines are the campaign's.
        Assert.Equal(3, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
        var attempts = await _world.AttemptsAsync();
        Assert.All(attempts, a => Assert.Equal(TimeSpan.FromSeconds(12), a.Duration));
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
        var stats = await _world.Campaign().Stats();
        Assert.Equal((5, 0, 0, 5), (stats.Contacts.Total, stats.Contacts.Waiting, stats.Contacts.Calling, stats.Contacts.Done));
        Assert.Equal(5, stats.Attempts.ByVerdict[Verdict.Success]);
        Assert.Equal(CampaignActivity.Finished, (await _world.Campaign().Status()).State);
    }

    [Fact]
    public async Task A_call_shorter_than_the_minimum_is_retried_after_the_interval_and_not_before()
    {
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.Script(
            "79161110001", Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(9.5)), Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(10)));
        await StartAsync(CallWorld.Debts, "Anna,79161110001");

        Assert.Equal([Verdict.TooShort], await _world.VerdictsAsync(1));
        await _world.SeeRetryAsync();
        Assert.Equal(CampaignActivity.Waiting, (await _world.Campaign().Status()).State);
        Assert.Equal("nothingDue", (await _world.Campaign().Status()).Reasons[0].Code);
        _world.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal([Verdict.TooShort, Verdict.Success], await _world.VerdictsAsync(2));

        var attempts = await _world.AttemptsAsync();
        Assert.InRange(attempts[1].StartedAt - attempts[0].EndedAt!.Value, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
        Assert.Equal("Anna 2", await _world.StatesAsync());
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task Numbers_are_called_in_turn_and_one_that_does_not_exist_is_struck_out()
    {
        _world.Asterisk.Script("79161110001", Subscriber.Unallocated());
        _world.Asterisk.Script("79161110002", Subscriber.Busy());
        _world.Asterisk.Script("79161110003", Subscriber.Rejects());
        await StartAsync(CallWorld.Debts with { Retries = 4, RetryInterval = TimeSpan.FromSeconds(20) }, "Anna,79161110001;79161110002;79161110003");

        Assert.Equal(
            [Verdict.InvalidNumber, Verdict.Busy, Verdict.Rejected, Verdict.Busy, Verdict.Rejected], await _world.VerdictsAsync(5));
        Assert.Equal(
            ["+79161110001", "+79161110002", "+79161110003", "+79161110002", "+79161110003"], (await _world.AttemptsAsync()).Select(a => a.Number));
        // Four retries are used up.
        await _world.PassUntilAsync(async () => await _world.StatesAsync() == "Anna 3", "a contact that failed");
        await _world.PassUntilAsync(
            async () => (await _world.Campaign().Status()).State == CampaignActivity.Finished, "a campaign that is finished");
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task A_phone_that_nobody_picks_up_rings_as_long_as_set()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.NoAnswer();
        await StartAsync(CallWorld.Debts with { RingTimeout = TimeSpan.FromSeconds(20), Retries = 0 }, "Anna,79161110001");

        Assert.Equal([Verdict.NoAnswer], await _world.VerdictsAsync(1));
        var attempt = Assert.Single(await _world.AttemptsAsync());
        Assert.InRange(attempt.EndedAt!.Value - Assert.Single(_world.Asterisk.Originates).At, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(21));
        Assert.Equal((19, null), (attempt.Cause, attempt.AnsweredAt));
        Assert.Equal("Anna 3", await _world.StatesAsync());
    }

    [Fact]
    public async Task A_carrier_without_a_circuit_uses_up_no_retry_and_is_tried_again_with_growing_pauses()
    {
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.Script(
            "79161110001", Subscriber.Congestion(), Subscriber.Congestion(), Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11)));
        await StartAsync(CallWorld.Debts with { Retries = 0 }, "Anna,79161110001");

        Assert.Equal([Verdict.Congestion, Verdict.Congestion, Verdict.Success], await _world.VerdictsAsync(3));
        var attempts = await _world.AttemptsAsync();
        Assert.InRange(attempts[1].StartedAt - attempts[0].EndedAt!.Value, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(29));
        Assert.InRange(attempts[2].StartedAt - attempts[1].EndedAt!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(59));
        Assert.Equal("Anna 2", await _world.StatesAsync());
    }

    [Fact]
    public async Task A_gateway_that_is_out_of_order_pauses_its_trunk_and_uses_up_no_contact()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.NetworkOutOfOrder();
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0, Trunks = [new TrunkShare("main", 1)] });
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002");

        // The pause is short, and begins before the end is written.
        await _world.PassUntilAsync(() => _world.Asterisk.Originates.Count == 1 && _world.Asterisk.Channels.Count == 0, "a gateway that is out of order");
        await CallWorld.SeeAsync(async () => await _world.AskAsync<long>("select count(ended_at) from attempt") == 1, "an end");
        Assert.Equal([Verdict.TrunkDown], await _world.VerdictsAsync(1));
        var until = (await _world.Trunk().Status()).PausedUntil;
        Assert.NotNull(until);
        // A node's first look at the gateway: it answers pings. That does not end the rest.
        await _world.Grains.GetGrain<ITrunkLines>("example/main").Reported(CallWorld.Node, reachable: true);
        Assert.Equal(until, (await _world.Trunk().Status()).PausedUntil);
        var status = await _world.Campaign().Status();
        Assert.Equal(CampaignActivity.Waiting, status.State);
        Assert.Equal(until, Assert.Single(status.Reasons, r => r.Code == "trunkDown").Until);
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        Assert.Equal(2, (await _world.VerdictsAsync(3)).Count(v => v == Verdict.Success));
        Assert.True((await _world.AttemptsAsync())[1].StartedAt >= until);
        Assert.Equal("Anna 2, Boris 2", await _world.StatesAsync());
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task What_cannot_be_spoken_interrupts_the_call_and_uses_up_no_retry()
    {
        await _world.MoveInAsync(5, 1000, ("100", new SayText { Text = "[% VAR:BALANCE %] rub", Type = SayType.Money }));
        _world.Speech.Fails = _ => true;
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0 });
        await _world.UploadAsync("Anna,79161110001");

        Assert.Equal([Verdict.Interrupted], await _world.VerdictsAsync(1));
        _world.Speech.Fails = _ => false;
        _world.Asterisk.PlaybackDuration = _ => null;
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(11));
        Assert.Equal([Verdict.Interrupted, Verdict.Success], await _world.VerdictsAsync(2));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_playback_that_fails_interrupts_the_call()
    {
        _world.Asterisk.PlaybackFails = _ => true;
        await StartAsync(CallWorld.Debts with { MinimumDuration = TimeSpan.Zero }, "Anna,79161110001");

        Assert.Equal([Verdict.Interrupted], await _world.VerdictsAsync(1));
        await _world.PassUntilAsync(async () => await _world.StatesAsync() == "Anna 0", "a contact that waits");
        Assert.Equal(0, await _world.AskAsync<short>("select retries_used from contact"));
    }

    private async Task StartAsync(CampaignSettings settings, params string[] rows)
    {
        await _world.MoveInAsync();
        await _world.Campaign().Put(settings);
        await _world.UploadAsync(rows);
    }
}
