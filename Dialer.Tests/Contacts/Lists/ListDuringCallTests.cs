using Dialer.Grains.Interfaces.Calls;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

/// <summary>A list is replaced while its people are called.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class ListDuringCallTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_list_that_replaces_a_contact_during_its_call_has_it_called_anew_once()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(15));
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a call");
        await _world.UploadAsync("debts", ListMode.Replace, "Anna," + CallWorld.Person + ",BALANCE=-99.00");
        Assert.Equal([Verdict.Success, Verdict.Success], await _world.VerdictsAsync(2));
        await _world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(2, _world.Asterisk.Originates.Count);
        Assert.Equal("Anna 2", await _world.StatesAsync());
        await _world.CountersAreRightAsync();
    }

    [Fact]
    public async Task A_contact_that_is_withdrawn_during_its_call_stays_withdrawn()
    {
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a call");
        await _world.Campaign().Pause();
        await _world.UploadAsync("Boris,79161110002");
        _world.Asterisk.Hangup(_world.Asterisk.Originates[0].ChannelId);
        await _world.VerdictsAsync(1);
        Assert.Equal("Anna 4, Boris 0", await _world.StatesAsync());
        await _world.CountersAreRightAsync();
    }

    [Theory]
    [InlineData(ListMode.Replace)]
    [InlineData(ListMode.Add)]
    public async Task Who_is_withdrawn_during_a_call_and_comes_back_is_not_called_beside_it(ListMode mode)
    {
        await _world.CallOneAsync(CallWorld.Debts);
        await _world.PassUntilAsync(() => _world.Asterisk.Plays.Count == 1, "a call");
        await _world.Campaign().Pause();
        await _world.UploadAsync("Boris,79161110002");
        Assert.Equal("Anna 4, Boris 0", await _world.StatesAsync());

        await _world.UploadAsync("debts", mode, "Anna," + CallWorld.Person);
        await _world.Campaign().Start();
        await _world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Single(CallsToAnna());
        await _world.CountersAreRightAsync();

        _world.Asterisk.Hangup(CallsToAnna()[0].ChannelId);
        await _world.PassUntilAsync(() => CallsToAnna().Count == 2, "a call from the list that she is in now");
        await _world.CountersAreRightAsync();
    }

    private List<FakeOriginate> CallsToAnna() =>
        [.. _world.Asterisk.Originates.Where(o => o.Number == CallWorld.Person)];
}
