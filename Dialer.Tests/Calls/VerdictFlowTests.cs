using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>From the upload of a list to the verdicts, through all grains.</summary>
[Collection("call world")]
public sealed class VerdictFlowTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await CallWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_list_is_called_and_every_contact_that_listened_is_done()
    {
        _world.Asterisk.PlaybackDuration = _ => TimeSpan.FromSeconds(12);
        await _world.MoveInAsync();
        await _world.Campaign().Put(CallWorld.Debts);
        await _world.UploadAsync("Anna,79161110001", "Boris,79161110002", "Clara,79161110003", "Dmitri,79161110004", "Elena,79161110005");

        Assert.All(await _world.VerdictsAsync(5), v => Assert.Equal(Verdict.Success, v));
        Assert.Equal("Anna 2, Boris 2, Clara 2, Dmitri 2, Elena 2", await _world.StatesAsync());
        Assert.Equal(5, _world.Asterisk.Originates.Count);
        // Three of the trunk's five lines are the campaign's.
        Assert.Equal(3, _world.Asterisk.MostChannels(CallWorld.MainEndpoint));
        var attempts = await _world.AttemptsAsync();
        Assert.All(attempts, a => Assert.InRange(a.Duration!.Value, TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(13)));
        await _world.NothingIsLeftAsync();
        await _world.CountersAreRightAsync();
        var stats = await _world.Campaign().Stats();
        Assert.Equal((5, 0, 0, 5), (stats.Contacts.Total, stats.Contacts.Waiting, stats.Contacts.Calling, stats.Contacts.Done));
        Assert.Equal(5, stats.Attempts.ByVerdict[Verdict.Success]);
        Assert.Equal(CampaignActivity.Finished, (await _world.Campaign().Status()).State);
    }
}
