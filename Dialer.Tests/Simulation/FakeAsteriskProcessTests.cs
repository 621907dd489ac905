using System.Globalization;
using Dialer.Ari;
using Dialer.Ari.Requests;
using Dialer.Simulation.Calls;
using Dialer.Tests.Ari;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Simulation;

/// <summary>The fake Asterisk's process, driven by the real ARI client: what benchmarks and fault programs rely on.</summary>
public sealed class FakeAsteriskProcessTests
{
    private const string Script =
        """
        {
          "numbers": [
            {"prefix": "7991", "behaviours": [{"then": "answer", "after": 0.05, "hangsUp": 0.3, "keys": [{"press": "1", "after": [0.05, 0.1]}]}]},
            {"prefix": "7992", "behaviours": [{"then": "busy"}]},
            {"prefix": "7993", "suffix": "5", "behaviours": [{"then": "congestion", "after": 0.01}]},
            {"prefix": "7993", "behaviours": [{"then": "noAnswer"}]},
            {"prefix": "7994", "behaviours": [{"then": "busy", "weight": 1}, {"then": "rejected", "weight": 3}]}
          ],
          "media": [{"contains": "long", "lasts": 60}, {"contains": "short", "lasts": 0.02}]
        }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scripted_call_tells_its_events_in_Asterisks_order()
    {
        await using var rig = await Rig.StartAsync();
        Assert.True((await rig.CallAsync("79910000001", "call-1")).IsSuccess);
        var end = await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Equal(
            ["ChannelCreated", "Dial:", "ChannelStateChange:Ringing", "Dial:RINGING", "ChannelStateChange:Up", "Dial:ANSWER", "StasisStart:a,b", "ChannelDtmfReceived:1", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"],
            rig.Told("call-1"));
        Assert.Equal((16, "Normal Clearing", null), (end.Cause, end.CauseTxt, end.TechCause));
        var start = await rig.Sink.WaitAsync<StasisStart>();
        // Not before its time; how long after it is the machine's to say.
        Assert.InRange((end.Timestamp - start.Timestamp).TotalMilliseconds, 295, 1000);
        Assert.Equal("79910000001", start.Channel.Caller!.Number);
    }

    [Theory]
    [InlineData("79920000001", 17, 486, "BUSY")]
    [InlineData("79930000005", 34, 503, "CONGESTION")]
    [InlineData("79930000001", 19, 480, "RINGING")]
    public async Task A_number_decides_what_becomes_of_its_call(string number, int cause, int techCause, string status)
    {
        await using var rig = await Rig.StartAsync();
        await rig.CallAsync(number, "call-1");
        var end = await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Equal((cause, techCause), (end.Cause, end.TechCause));
        Assert.Equal(status, rig.Sink.Events.OfType<Dial>().Last().DialStatus);
    }

    [Fact]
    public async Task Behaviours_of_a_rule_are_drawn_by_their_weights()
    {
        await using var rig = await Rig.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => rig.CallAsync("79940000001", Name(i))));
        await rig.Sink.WaitAsync<ChannelDestroyed>(nth: 400);
        Assert.InRange(rig.Sink.Events.OfType<ChannelDestroyed>().Count(e => e.Cause == 21), 250, 350);
    }

    [Fact]
    public async Task Media_play_as_long_as_told_and_a_playback_can_be_stopped()
    {
        await using var rig = await Rig.StartAsync();
        await rig.CallAsync("79950000001", "call-1");
        await rig.Sink.WaitAsync<StasisStart>();
        Assert.Equal("queued", (await rig.Ari.Channels.PlayAsync("call-1", "p1", ["sound:short", "sound:long"], Token)).ValueOrThrow().State);
        await rig.Sink.WaitAsync<PlaybackContinuing>();
        Assert.True((await rig.Ari.Playbacks.GetAsync("p1", Token)).IsSuccess);
        Assert.True((await rig.Ari.Playbacks.StopAsync("p1", Token)).IsSuccess);
        Assert.Equal("done", (await rig.Sink.WaitAsync<PlaybackFinished>()).Playback.State);
        Assert.Equal(AriErrorKind.NotFound, (await rig.Ari.Playbacks.GetAsync("p1", Token)).Error!.Kind);
        await rig.Ari.Channels.PlayAsync("call-1", "p2", ["sound:long"], Token);
        Assert.True((await rig.Ari.Channels.HangupAsync("call-1", cancellationToken: Token)).IsSuccess);
        Assert.Equal("failed", (await rig.Sink.WaitAsync<PlaybackFinished>(e => e.PlaybackId == "p2")).Playback.State);
    }

    [Fact]
    public async Task Channels_meet_in_a_bridge_and_leave_it_by_a_hang_up()
    {
        await using var rig = await Rig.StartAsync();
        await rig.CallAsync("79950000001", "call-1");
        await rig.CallAsync("79950000002", "call-2");
        await rig.Sink.WaitAsync<StasisStart>(nth: 2);
        Assert.True((await rig.Ari.Bridges.CreateAsync("b", cancellationToken: Token)).IsSuccess);
        Assert.True((await rig.Ari.Bridges.AddChannelAsync("b", "call-1", Token)).IsSuccess);
        Assert.True((await rig.Ari.Bridges.AddChannelAsync("b", "call-2", Token)).IsSuccess);
        Assert.Equal(["call-1", "call-2"], (await rig.Ari.Bridges.GetAsync("b", Token)).ValueOrThrow().Channels);
        await rig.Ari.Channels.HangupAsync("call-2", cancellationToken: Token);
        Assert.Equal(["call-1"], (await rig.Sink.WaitAsync<ChannelLeftBridge>()).Bridge.Channels);
        Assert.True((await rig.Ari.Bridges.DestroyAsync("b", Token)).IsSuccess);
    }

    [Theory]
    [InlineData(AriTransport.WebSocket)]
    [InlineData(AriTransport.Http)]
    public async Task It_refuses_what_Asterisk_refuses(AriTransport transport)
    {
        await using var rig = await Rig.StartAsync(transport: transport);
        Assert.Equal(transport, rig.Sink.Connections.Single().Transport);
        await rig.CallAsync("79950000001", "call-1");
        Assert.Equal(AriErrorKind.Conflict, (await rig.CallAsync("79950000001", "call-1")).Error!.Kind);
        var nowhere = await rig.Ari.Channels.OriginateAsync(new Originate { Endpoint = "PJSIP/79950000001@nowhere", ChannelId = "call-2" }, Token);
        Assert.Equal((500, "Allocation failed"), (nowhere.Error!.Status, nowhere.Error.Message));
        Assert.Equal("call-1", Assert.Single((await rig.Ari.Channels.ListAsync(Token)).ValueOrThrow()).Id);
        Assert.Equal("trunk", Assert.Single((await rig.Ari.Endpoints.ListAsync(Token)).ValueOrThrow()).Resource);
        Assert.True((await rig.Ari.Asterisk.DeleteConfigAsync("res_pjsip", "endpoint", "trunk", Token)).IsSuccess);
        Assert.Equal(AriErrorKind.NotFound, (await rig.Ari.Endpoints.GetAsync("PJSIP", "trunk", Token)).Error!.Kind);
    }

    [Fact]
    public async Task Events_that_are_filtered_out_do_not_come()
    {
        await using var rig = await Rig.StartAsync();
        Assert.True((await rig.Ari.Applications.FilterEventsAsync("dialer", allowed: null, ["ChannelCreated", "Dial"], Token)).IsSuccess);
        await rig.CallAsync("79920000001", "call-1");
        await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Equal(["ChannelHangupRequest", "ChannelDestroyed"], rig.Told("call-1"));
    }

    [Fact]
    public async Task A_thousand_calls_live_on_without_their_socket_and_are_all_in_the_log()
    {
        var log = Path.Combine(Checkout.Scratch, $"calls-{Guid.NewGuid():n}.log");
        await using var rig = await Rig.StartAsync(log);
        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => rig.CallAsync("79950000001", Name(i))));
        Assert.All(answers, answer => Assert.True(answer.IsSuccess, answer.Error?.ToString()));
        await rig.Sink.WaitAsync<StasisStart>(nth: 1000);
        await rig.Ari.DisposeAsync();

        await using var second = await Rig.ConnectAsync(rig.Process);
        Assert.Equal(1000, (await second.Ari.Applications.GetAsync("dialer", Token)).ValueOrThrow().ChannelIds!.Count);
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => second.Ari.Channels.HangupAsync(Name(i), cancellationToken: Token)));
        await second.CallAsync("79920000001", "busy");
        await second.CallAsync("79930000001", "nobody");
        await second.Sink.WaitAsync<ChannelDestroyed>(e => e.ChannelId == "nobody");
        await rig.Process.KillAsync();

        await using (await FakeAsteriskProcess.StartAsync(log: log))
        {
            var calls = LoggedCall.ReadLog(log).ToDictionary(c => c.Channel, StringComparer.Ordinal);
            Assert.Equal(1002, calls.Count);
            Assert.All(calls.Values, c => Assert.True(c.OriginatedAt <= (c.AnsweredAt ?? c.EndedAt) && c.EndedAt is not null, c.ToString()));
            Assert.Equal(1000, calls.Values.Count(c => c.AnsweredAt is not null));
            Assert.Equal(400, calls.Values.Count(c => c.By == HungUpBy.Client));
            Assert.Equal(600, calls.Values.Count(c => c.By == HungUpBy.Death));
            Assert.Equal((17, HungUpBy.FarEnd, "79920000001", "trunk"), (calls["busy"].Cause, calls["busy"].By, calls["busy"].Number, calls["busy"].Endpoint));
            Assert.Equal((19, HungUpBy.Timeout), (calls["nobody"].Cause, calls["nobody"].By));
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_nobody_up()
    {
        await using var rig = await Rig.StartAsync();
        using var deaf = await DeafClient.ConnectAsync(rig.Process, "deaf");
        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 400).Select(n => rig.Ari.Channels.OriginateAsync(
                new Originate { Endpoint = "PJSIP/79920000001@trunk", ChannelId = Name((i * 1000) + n), Application = "deaf" }, Token)));
        }

        await rig.CallAsync("79920000001", "call-1");
        await rig.Sink.WaitAsync<ChannelDestroyed>();
        // Some 20 MB: far more than the kernel keeps for it. All of it comes as soon as it reads.
        Assert.Equal(8000, await deaf.ReadUntilAsync("ChannelDestroyed", 8000));
    }

    [Fact]
    public async Task A_script_that_cannot_be_read_is_told_as_such()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => FakeAsteriskProcess.StartAsync("""{"numbers": [{"behaviours": [{"than": "busy"}]}]}"""));
        Assert.Contains("than", failure.Message, StringComparison.Ordinal);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"call-{number}");

    /// <summary>A process with a connection that has told it of a trunk.</summary>
    private sealed class Rig(FakeAsteriskProcess process, RecordingSink sink, AriConnection ari, bool owns) : IAsyncDisposable
    {
        public FakeAsteriskProcess Process { get; } = process;

        public RecordingSink Sink { get; } = sink;

        public AriConnection Ari { get; } = ari;

        public static async Task<Rig> StartAsync(string? log = null, AriTransport transport = AriTransport.Auto) =>
            await ConnectAsync(await FakeAsteriskProcess.StartAsync(Script, log), transport, owns: true);

        public static async Task<Rig> ConnectAsync(FakeAsteriskProcess process, AriTransport transport = AriTransport.Auto, bool owns = false)
        {
            var sink = new RecordingSink();
            // On a busy machine the last of a thousand requests waits for longer than one may otherwise.
            var options = process.Options("dialer") with { Transport = transport, RequestTimeout = TimeSpan.FromSeconds(30), SendWithin = TimeSpan.FromSeconds(30) };
            var rig = new Rig(process, sink, new AriConnection(options, sink), owns);
            _ = rig.Ari.RunAsync(Token);
            await rig.Ari.WaitConnectedAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
            // The sink is told a moment later.
            await sink.WaitAsync<AriConnectionInfo>();
            Assert.True((await rig.Ari.Asterisk.PutConfigAsync("res_pjsip", "endpoint", "trunk", [new ConfigField("context", "x")], Token)).IsSuccess);
            return rig;
        }

        public Task<AriResult<AriChannel>> CallAsync(string number, string id) => Ari.Channels.OriginateAsync(
            new Originate { Endpoint = $"PJSIP/{number}@trunk", ChannelId = id, Timeout = TimeSpan.FromSeconds(1), AppArgs = "a,b" }, Token);

        public IEnumerable<string> Told(string id) => Sink.Events.Where(e => e.ChannelId == id).Select(e => e switch
        {
            Dial dial => $"Dial:{dial.DialStatus}",
            ChannelStateChange change => $"ChannelStateChange:{change.Channel.State}",
            StasisStart start => $"StasisStart:{string.Join(',', start.Args)}",
            ChannelDtmfReceived key => $"ChannelDtmfReceived:{key.Digit}",
            _ => e.Type,
        });

        public async ValueTask DisposeAsync()
        {
            await Ari.DisposeAsync();
            if (owns)
            {
                await Process.DisposeAsync();
            }
        }
    }
}
