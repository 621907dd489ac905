using Dialer.Ari;
using Dialer.Ari.Transport;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Ari;

public sealed class AriRequestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AriTransport.WebSocket)]
    [InlineData(AriTransport.Http)]
    public async Task What_is_asked_for_arrives_and_is_answered(AriTransport transport)
    {
        await using var rig = await AriRig.StartAsync(o => o with { Transport = transport });
        var call = await rig.Connection.Channels.OriginateAsync(
            new()
            {
                Endpoint = "PJSIP/79990000001@trunk",
                ChannelId = "call-1",
                CallerId = "\"Дом\" <74950000000>",
                AppArgs = "x,y",
                Timeout = TimeSpan.FromSeconds(44.2),
                Variables = new Dictionary<string, string> { ["GREETING"] = "Привет \"мир\"\n&=?" },
            },
            Token);

        Assert.Equal("call-1", call.ValueOrThrow().Id);
        var request = rig.Fake.Requests.Single(r => r.Path == "channels");
        Assert.Equal(transport == AriTransport.WebSocket, request.OverSocket);
        Assert.Equal(("PJSIP/79990000001@trunk", "dialer", "x,y", "45"), (request["endpoint"], request["app"], request["appArgs"], request["timeout"]));
        Assert.Equal("\"Дом\" <74950000000>", request["callerId"]);
        Assert.Equal(["x", "y"], (await rig.Sink.WaitAsync<StasisStart>()).Args);
        Assert.Equal("Привет \"мир\"\n&=?", (await rig.Connection.Channels.GetVariableAsync("call-1", "GREETING", Token)).ValueOrThrow().Value);
    }

    [Fact]
    public async Task A_second_call_with_an_id_in_use_is_a_conflict()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.AnsweredAsync();
        var error = (await rig.CallAsync("79990000001")).Error;
        Assert.Equal((AriErrorKind.Conflict, 409, false), (error!.Kind, error.Status, error.OutcomeUnknown));
        Assert.Equal("Channel with given unique ID already exists", error.Message);
        Assert.Single(rig.Fake.Originates);
    }

    [Fact]
    public async Task A_channel_that_is_gone_is_not_found_and_no_exception()
    {
        await using var rig = await AriRig.StartAsync();
        var hangup = await rig.Connection.Channels.HangupAsync("gone", cancellationToken: Token);
        Assert.Equal(AriErrorKind.NotFound, hangup.Error!.Kind);
        Assert.True(hangup.IsSuccessOrGone);
        Assert.Equal(AriErrorKind.NotFound, (await rig.Connection.Channels.GetAsync("gone", Token)).Error!.Kind);
        Assert.Equal(AriErrorKind.NotFound, (await rig.Connection.Playbacks.StopAsync("gone", Token)).Error!.Kind);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_exist_is_a_server_error()
    {
        await using var rig = await AriRig.StartAsync(prepare: f => f.AnyEndpoint = false);
        var error = (await rig.CallAsync("79990000001")).Error;
        Assert.Equal((AriErrorKind.ServerError, 500, "Allocation failed"), (error!.Kind, error.Status, error.Message));

        Assert.True((await rig.Connection.Asterisk.PutConfigAsync("res_pjsip", "endpoint", "trunk", [new("aors", "trunk"), new("context", "x")], Token)).IsSuccess);
        Assert.Equal("trunk", rig.Fake.DynamicConfig["endpoint/trunk"]["aors"]);
        Assert.True((await rig.CallAsync("79990000001")).IsSuccess);
        Assert.Equal("trunk", Assert.Single((await rig.Connection.Endpoints.ListAsync(Token)).ValueOrThrow()).Resource);
        Assert.True((await rig.Connection.Asterisk.DeleteConfigAsync("res_pjsip", "endpoint", "trunk", Token)).IsSuccess);
    }

    [Theory]
    [InlineData(AriTransport.WebSocket)]
    [InlineData(AriTransport.Http)]
    public async Task A_request_without_an_answer_times_out_with_its_outcome_unknown(AriTransport transport)
    {
        await using var rig = await AriRig.StartAsync(
            o => o with { Transport = transport, RequestTimeout = TimeSpan.FromMilliseconds(300) }, prepare: f => f.LosesAnswer = r => r.Path == "channels");
        var error = (await rig.CallAsync("79990000001")).Error;
        Assert.Equal((AriErrorKind.Timeout, false, true), (error!.Kind, error.NotSent, error.OutcomeUnknown));
        Assert.Single(rig.Fake.Originates);
        Assert.Equal("POST channels", error.Request);
    }

    [Fact]
    public async Task A_request_under_way_when_the_socket_breaks_has_its_outcome_unknown()
    {
        await using var rig = await AriRig.StartAsync(prepare: f => f.LosesAnswer = r => r.Path == "channels");
        var call = rig.CallAsync("79990000001");
        await rig.Fake.WaitForCallAsync("79990000001", TimeSpan.FromSeconds(10));
        rig.Fake.DropSocket();
        var error = (await call).Error;
        Assert.Equal((AriErrorKind.Disconnected, true), (error!.Kind, error.OutcomeUnknown));
    }

    [Fact]
    public async Task Without_a_connection_a_request_is_not_sent()
    {
        await using var rig = await AriRig.StartAsync();
        rig.Fake.RefuseConnections = true;
        rig.Fake.DropSocket();
        await rig.Sink.WaitAsync<RecordingSink.Lost>();
        var error = (await rig.CallAsync("79990000001")).Error;
        Assert.Equal((AriErrorKind.Disconnected, true, false), (error!.Kind, error.NotSent, error.OutcomeUnknown));
        Assert.Empty(rig.Fake.Originates);
    }

    [Theory]
    [InlineData(AriTransport.WebSocket)]
    [InlineData(AriTransport.Http)]
    public async Task A_thousand_requests_at_once_each_get_their_own_answer(AriTransport transport)
    {
        // On a busy machine the last of them waits for longer than a request may otherwise.
        await using var rig = await AriRig.StartAsync(
            o => o with { Transport = transport, RequestTimeout = TimeSpan.FromSeconds(30), SendWithin = TimeSpan.FromSeconds(30) });
        var results = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(() => rig.CallAsync($"7999{i:0000000}", $"call-{i}"))));
        Assert.All(results.Index(), r => Assert.Equal($"call-{r.Index}", r.Item.ValueOrThrow().Id));
        Assert.Equal(1000, rig.Fake.MostChannels("trunk"));
        await rig.Sink.WaitAsync<StasisStart>(nth: 1000);
    }

    [Fact]
    public async Task A_request_too_large_for_the_socket_is_refused_and_the_socket_lives()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.AnsweredAsync();
        var error = (await rig.Connection.Channels.SetVariableAsync("call-1", "X", new string('x', 70_000), Token)).Error;
        Assert.Equal((AriErrorKind.Invalid, true), (error!.Kind, error.NotSent));
        Assert.True((await rig.Connection.Asterisk.PingAsync(Token)).IsSuccess);
    }

    [Fact]
    public async Task A_caller_who_gives_up_gets_a_cancellation_and_others_their_answers()
    {
        await using var rig = await AriRig.StartAsync(prepare: f => f.LosesAnswer = r => r.Path == "channels");
        using var patience = new CancellationTokenSource();
        var call = rig.Connection.Channels.OriginateAsync(new() { Endpoint = "PJSIP/1@trunk", ChannelId = "c" }, patience.Token);
        await rig.Fake.WaitForCallAsync("1", TimeSpan.FromSeconds(10));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True((await rig.Connection.Asterisk.PingAsync(Token)).IsSuccess);
    }

    [Fact]
    public async Task Bridges_are_made_filled_emptied_and_destroyed()
    {
        await using var rig = await AriRig.StartAsync();
        await rig.AnsweredAsync();
        var bridges = rig.Connection.Bridges;
        Assert.Equal("mixing", (await bridges.CreateAsync("b1", cancellationToken: Token)).ValueOrThrow().BridgeType);
        Assert.Equal(AriErrorKind.Conflict, (await bridges.CreateAsync("b1", cancellationToken: Token)).Error!.Kind);
        Assert.Equal(AriErrorKind.Invalid, (await bridges.AddChannelAsync("b1", "gone", Token)).Error!.Kind);
        Assert.Equal(AriErrorKind.NotFound, (await bridges.AddChannelAsync("gone", "call-1", Token)).Error!.Kind);
        Assert.True((await bridges.AddChannelAsync("b1", "call-1", Token)).IsSuccess);
        var entered = await rig.Sink.WaitAsync<ChannelEnteredBridge>();
        Assert.Equal(("b1", "call-1"), (entered.BridgeId, entered.ChannelId));
        Assert.Equal(["call-1"], Assert.Single((await bridges.ListAsync(Token)).ValueOrThrow()).Channels);
        Assert.True((await bridges.RemoveChannelAsync("b1", "call-1", Token)).IsSuccess);
        Assert.Equal(422, (await bridges.RemoveChannelAsync("b1", "call-1", Token)).Error!.Status);
        await rig.Sink.WaitAsync<ChannelLeftBridge>();
        Assert.True((await bridges.DestroyAsync("b1", Token)).IsSuccess);
        Assert.Equal(AriErrorKind.NotFound, (await bridges.DestroyAsync("b1", Token)).Error!.Kind);
    }

    [Fact]
    public async Task Disallowed_event_types_do_not_arrive()
    {
        await using var rig = await AriRig.StartAsync();
        Assert.True((await rig.Connection.Applications.FilterEventsAsync("dialer", null, ["Dial"], Token)).IsSuccess);
        await rig.AnsweredAsync();
        Assert.Empty(rig.Sink.Events.OfType<Dial>());
        Assert.Equal(["call-1"], (await rig.Connection.Applications.GetAsync("dialer", Token)).ValueOrThrow().ChannelIds);
    }

    [Theory]
    [InlineData(1.4, true)]
    [InlineData(1.6, false)]
    [InlineData(60, false)]
    public async Task A_request_that_waited_for_long_to_be_sent_is_not_sent(double seconds, bool sent)
    {
        var time = new FakeTimeProvider();
        using var frame = new PooledBuffer();
        using var request = new PendingRequest(1, "POST channels", frame, wantsBody: true, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(1.5), time);
        request.StartClock(Token);
        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(sent, request.TrySend());
        Assert.Equal(!sent, request.Reply.IsCompleted);
        if (!sent)
        {
            Assert.Equal((AriErrorKind.Timeout, true), ((await request.Reply).Error!.Kind, (await request.Reply).Error!.NotSent));
        }
    }
}
