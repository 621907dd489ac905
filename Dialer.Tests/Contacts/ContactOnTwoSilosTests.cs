using Dialer.Grains.Calls;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dialer.Tests.Contacts;

/// <summary>A contact may be awake on two silos (<see cref="ContactDirectory"/>): its row decides, wherever its calls begin and end.</summary>
[Collection(CallWorldCollection.Nodes)]
public sealed class ContactOnTwoSilosTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await CallWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task An_end_that_is_told_on_both_silos_is_one()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().NeverReports());
        await _world.CallOneAsync(CallWorld.Debts);
        var attempt = await RunningAsync();
        var busy = Busy(attempt, _world.Clock.GetUtcNow());
        await Task.WhenAll(Contacts(attempt).SelectMany(contact => new[] { contact.Ended(busy), contact.Ended(busy) }));
        Assert.Equal(1, (await _world.Campaign().Stats()).Attempts.Total);
        Assert.Equal((1, 1), await RetriesAsync());
    }

    [Fact]
    public async Task The_next_call_is_judged_by_what_the_other_silo_has_stored()
    {
        _world.Asterisk.Script(CallWorld.Person, Subscriber.Answers().NeverReports());
        await _world.CallOneAsync(CallWorld.Debts with { Retries = 1 });
        var first = await RunningAsync();
        // Its call began on one silo, which remembers it; it ends on the other one.
        var here = (await AwakeAsync(first)).Single();
        var other = Contacts(first)[1 - here];
        await other.Ended(Busy(first, _world.Clock.GetUtcNow()));
        Assert.Equal((1, 1), await RetriesAsync());
        // The next one begins there, too, as if the campaign had moved with it.
        await _world.AskAsync<int>("update contact set state = 1, claim_epoch = (select epoch from owner where kind = 'campaign') returning 1");
        var row = await new ContactStore(_world.Database).ReadAsync(first.Campaign, first.Contact, Ct);
        var lines = _world.Grains.GetGrain<ICampaignLines>(first.CampaignKey);
        var epoch = await _world.AskAsync<long>("select epoch from owner where kind = 'trunk'");
        var second = Guid.CreateVersion7();
        Assert.Equal(OrderOutcome.Started, await other.Call(new ContactOrder(
            row!, second, first.TrunkKey, epoch, first.Node, null, (await lines.Terms())!, (await lines.Script())!, first.CampaignKey)));
        await Contacts(first)[here].Ended(Busy(first, _world.Clock.GetUtcNow()) with { Attempt = second });
        // No retry is left; by what is remembered here of the first call, there would be one.
        Assert.Equal((1, 2), await RetriesAsync());
        Assert.Equal(1, (await _world.Campaign().Stats()).Contacts.Failed);
    }

    private static CallOutcome Busy(OpenAttempt attempt, DateTimeOffset at) => new(
        attempt.Id, attempt.CampaignKey, attempt.TrunkKey, attempt.NumberIndex, null, at, 17, "486", "BUSY", CallEnding.HungUp, null, null, false);

    /// <summary>The contact as each silo has it.</summary>
    private List<IContactGrain> Contacts(OpenAttempt attempt) =>
        [.. _world.Cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IContactGrain>($"{attempt.Campaign}/{attempt.Contact}"))];

    /// <summary>On which of the silos it is awake.</summary>
    private async Task<List<int>> AwakeAsync(OpenAttempt attempt)
    {
        var contact = Contacts(attempt)[0].GetGrainId();
        var awake = (await _world.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics()).Where(a => a.GrainId == contact).Select(a => a.SiloAddress).ToHashSet();
        return [.. _world.Cluster.Silos.Select((silo, index) => (silo.SiloAddress, index)).Where(s => awake.Contains(s.SiloAddress)).Select(s => s.index)];
    }

    private async Task<OpenAttempt> RunningAsync()
    {
        OpenAttempt? running = null;
        await _world.PassUntilAsync(
            async () =>
            {
                var open = await new OpenAttempts(_world.Database).OfNodeAsync(CallWorld.Node, DateTimeOffset.MaxValue, Ct);
                return (running = open.SingleOrDefault()) is not null && _world.Asterisk.Originates.Any(o => o.ChannelId == running.Id.ToString());
            },
            "a call");
        return running!;
    }

    private async Task<(int Retries, int Attempts)> RetriesAsync()
    {
        var row = (await _world.AskAsync<string>("select retries_used || '/' || attempts from contact"))!.Split('/');
        return (int.Parse(row[0]), int.Parse(row[1]));
    }
}
