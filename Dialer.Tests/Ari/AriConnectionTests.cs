using Dialer.Ari;
using Dialer.Ari.Transport;
using Dialer.Tests.Fakes;
using Xunit;

namespace Dialer.Tests.Ari;

public sealed class AriConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_takes_requests_over_the_socket_gets_them_there()
    {
        await using var rig = await AriRig.StartAsync();
        var info = Assert.Single(rig.Sink.Connections);
        Assert.Equal((AriTransport.WebSocket, "22.10.1", "02:00:00:00:00:01"), (info.Transport, info.Version, info.AsteriskId));
        Assert.True(rig.Connection.IsConnected);
    }

    [Fact]
    public async Task A_server_that_takes_none_over_the_socket_gets_them_over_http()
    {
        await using var rig = await AriRig.StartAsync(
            o => o with { ProbeTimeout = TimeSpan.FromMilliseconds(100) }, prepare: f => f.AnswersOverSocket = false);
        Assert.Equal(AriTransport.Http, Assert.Single(rig.Sink.Connections).Transport);
        await rig.AnsweredAsync();
        Assert.All(rig.Fake.Requests, r => Assert.False(r.OverSocket));
    }

    [Fact]
    public async Task A_broken_socket_is_opened_again_and_calls_go_on()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.AnsweredAsync();
        rig.Fake.DropSocket();
        Assert.NotNull((await rig.Sink.WaitAsync<RecordingSink.Lost>()).Reason);
        await rig.Sink.WaitAsync<AriConnectionInfo>(nth: 2);
        Assert.Equal("call-1", Assert.Single((await rig.Connection.Channels.ListAsync(Token)).ValueOrThrow()).Id);
        rig.Fake.Hangup("call-1");
        await rig.Sink.WaitAsync<ChannelDestroyed>();
    }

    [Fact]
    public async Task A_restart_of_the_server_is_survived()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.Fake.StopAsync();
        await rig.Sink.WaitAsync<RecordingSink.Lost>();
        Assert.False(rig.Connection.IsConnected);
        await rig.Fake.StartAsync();
        await rig.Sink.WaitAsync<AriConnectionInfo>(nth: 2);
        Assert.Empty((await rig.Connection.Channels.ListAsync(Token)).ValueOrThrow());
    }

    [Fact]
    public async Task A_refused_connection_is_tried_until_it_is_taken()
    {
        await using var rig = await AriRig.StartAsync();
        rig.Fake.RefuseConnections = true;
        rig.Fake.DropSocket();
        await rig.Sink.WaitAsync<RecordingSink.Lost>();
        var connected = rig.Connection.WaitConnectedAsync(Token);
        Assert.False(connected.IsCompleted);
        rig.Fake.RefuseConnections = false;
        await connected.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal(2, rig.Fake.SocketsOpened);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_socket_that_is_open_and_deaf_does_not_count_as_connected(bool overSocket)
    {
        await using var rig = await AriRig.StartAsync(
            o => o with { ProbeTimeout = TimeSpan.FromMilliseconds(100) },
            prepare: f => (f.OpensDeaf, f.AnswersOverSocket) = (2, overSocket));
        Assert.Equal(3, rig.Fake.SocketsOpened);
        Assert.Single(rig.Sink.Connections);
        await rig.AnsweredAsync();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_socket_that_goes_deaf_is_opened_again(bool takenDown, bool overSocket)
    {
        await using var rig = await AriRig.StartAsync(
            o => o with { KeepAliveInterval = TimeSpan.FromMilliseconds(50), ProbeTimeout = TimeSpan.FromMilliseconds(100), AllChannels = true },
            prepare: f => f.AnswersOverSocket = overSocket);
        await rig.AnsweredAsync();
        await rig.Fake.WaitUntilAsync(() => rig.Fake.Requests.Count(r => r.Path == "applications/dialer") >= 4, TimeSpan.FromSeconds(10), "questions for the application");
        Assert.Equal(1, rig.Fake.SocketsOpened);
        if (takenDown)
        {
            rig.Fake.TakeDown("dialer");
        }
        else
        {
            rig.Fake.Unsubscribe("dialer");
        }

        Assert.Contains("taken down application 'dialer'", (await rig.Sink.WaitAsync<RecordingSink.Lost>()).Reason!.Message, StringComparison.Ordinal);
        await rig.Sink.WaitAsync<AriConnectionInfo>(nth: 2);
        rig.Fake.Hangup("call-1");
        await rig.Sink.WaitAsync<ChannelDestroyed>();
    }

    [Fact]
    public async Task A_sink_that_throws_does_not_end_the_events()
    {
        await using var rig = await AriRig.StartAsync();
        rig.Sink.Throws = e => e is Dial or StasisStart;
        await rig.AnsweredAsync();
        rig.Fake.Hangup("call-1");
        await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Single(rig.Sink.Connections);
    }

    [Theory]
    [InlineData("this is no JSON")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"type\":12}")]
    [InlineData("{\"type\":\"StasisStart\",\"timestamp\":\"never\",\"channel\":{\"id\":\"x\"}}")]
    [InlineData("{\"type\":\"StasisStart\"}")]
    [InlineData("{\"type\":\"RESTResponse\",\"request_id\":\"7000\"}")]
    [InlineData("{\"type\":\"RESTResponse\",\"request_id\":7,\"status_code\":\"x\"}")]
    [InlineData("{\"type\":\"StasisStart\",\"channel\":")]
    public async Task A_message_that_cannot_be_read_is_skipped(string text)
    {
        await using var rig = await AriRig.StartAsync();
        rig.Fake.SendRaw("dialer", text);
        await rig.AnsweredAsync();
        Assert.Single(rig.Sink.Connections);
        Assert.Single(rig.Sink.Events.OfType<StasisStart>());
    }

    [Fact]
    public async Task A_take_over_by_another_client_is_told()
    {
        await using var rig = await AriRig.StartAsync(o => o with { MaxBackoff = TimeSpan.FromMinutes(1) });
        await using var second = new AriConnection(AriRig.OptionsFor(rig.Fake), new RecordingSink());
        _ = second.RunAsync(Token);
        await second.WaitConnectedAsync(Token);
        Assert.Equal("dialer", (await rig.Sink.WaitAsync<ApplicationReplaced>()).Application);
        Assert.IsType<AriApplicationReplacedException>((await rig.Sink.WaitAsync<RecordingSink.Lost>()).Reason);
    }

    [Fact]
    public async Task Stopping_says_good_bye_and_tells_no_reason()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.StopAsync();
        Assert.Null((await rig.Sink.WaitAsync<RecordingSink.Lost>()).Reason);
        Assert.False(rig.Connection.IsConnected);
        await rig.Fake.WaitUntilAsync(() => rig.Fake.Applications.Count == 0, TimeSpan.FromSeconds(10), "the socket's end");
    }

    [Fact]
    public async Task Disposing_ends_the_run_and_may_be_repeated()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.Connection.DisposeAsync();
        await rig.Running.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await rig.Connection.DisposeAsync();
        Assert.True((await rig.CallAsync("79990000001")).Error!.NotSent);
    }

    [Fact]
    public async Task A_wrong_password_is_named_as_such()
    {
        await using var fake = await FakeAsterisk.CreateAsync();
        var error = await Assert.ThrowsAsync<AriException>(
            () => EventSocket.ConnectAsync(AriRig.OptionsFor(fake) with { Password = "wrong" }, TimeProvider.System, Token));
        Assert.Contains("refuses user 'dialer' (401)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0.0, 50)]
    [InlineData(0, 1.0, 100)]
    [InlineData(3, 1.0, 800)]
    [InlineData(10, 0.0, 2500)]
    [InlineData(1_000_000, 1.0, 5000)]
    public void Backoff_doubles_up_to_its_limit_with_jitter(int failures, double chance, double milliseconds) =>
        Assert.Equal(
            milliseconds,
            Backoff.Next(failures, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), chance).TotalMilliseconds);

    [Fact]
    public void Options_that_cannot_work_are_refused_by_name()
    {
        var options = new AriOptions { BaseUri = new Uri("http://127.0.0.1:8088/ari"), User = "u", Password = "p", Application = "a" };
        var error = Assert.Throws<ArgumentException>(() => new AriConnection(options, new RecordingSink()));
        Assert.Contains("ends with a slash", error.Message, StringComparison.Ordinal);
    }
}
