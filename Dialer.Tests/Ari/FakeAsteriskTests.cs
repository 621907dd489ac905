using Dialer.Ari;
using Dialer.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Ari;

/// <summary>The fake tells what the real one tells, in its order; the lists are those measured on Asterisk 22.10.</summary>
public sealed class FakeAsteriskTests
{
    private const string Number = "79990000001";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, int, int, string> Refusals => new()
    {
        { "busy", 17, 486, "BUSY" },
        { "congestion", 34, 503, "CONGESTION" },
        { "unallocated", 1, 404, "NOANSWER" },
        { "rejected", 21, 403, "NOANSWER" },
        { "out of order", 38, 500, "NOANSWER" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_call_tells_cause_and_status(string kind, int cause, int techCause, string status)
    {
        await using var rig = await AriRig.StartAsync(time: _time);
        rig.Fake.Script(Number, kind switch
        {
            "busy" => Subscriber.Busy(),
            "congestion" => Subscriber.Congestion(),
            "unallocated" => Subscriber.Unallocated(),
            "rejected" => Subscriber.Rejects(),
            _ => Subscriber.NetworkOutOfOrder(),
        });
        await rig.CallAsync(Number);
        var end = await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Equal((cause, techCause), (end.Cause, end.TechCause));
        Assert.Equal(["Dial:", "ChannelHangupRequest", $"Dial:{status}", "ChannelDestroyed"], Types(rig));
        Assert.Empty(rig.Fake.Channels);
    }

    [Fact]
    public async Task An_answered_call_goes_from_ringing_to_its_end()
    {
        await using var rig = await AriRig.StartAsync(time: _time);
        rig.Fake.Script(Number, Subscriber.Answers(TimeSpan.FromSeconds(5)).Presses("1").After(TimeSpan.FromSeconds(3)).HangsUpAfter(TimeSpan.FromSeconds(12)));
        await rig.CallAsync(Number);
        await rig.Sink.WaitAsync<Dial>(d => d.DialStatus == "RINGING");
        _time.Advance(TimeSpan.FromSeconds(30));
        var end = await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Equal(
            ["Dial:", "ChannelStateChange", "Dial:RINGING", "ChannelStateChange", "Dial:ANSWER", "StasisStart", "ChannelDtmfReceived", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"],
            Types(rig));
        var start = rig.Sink.Events.OfType<StasisStart>().Single();
        Assert.Equal(TimeSpan.FromSeconds(12), end.Timestamp - start.Timestamp);
        Assert.Equal((16, "Normal Clearing"), (end.Cause, end.CauseTxt));
    }

    [Fact]
    public async Task A_call_that_nobody_takes_ends_at_its_timeout()
    {
        await using var rig = await AriRig.StartAsync(time: _time);
        rig.Fake.Script(Number, Subscriber.NoAnswer());
        await rig.CallAsync(Number, timeout: TimeSpan.FromSeconds(45));
        _time.Advance(TimeSpan.FromSeconds(44.9));
        Assert.Single(rig.Fake.Channels);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        var end = await rig.Sink.WaitAsync<ChannelDestroyed>();
        Assert.Equal((19, 480), (end.Cause, end.TechCause));
        Assert.Empty(rig.Sink.Events.OfType<ChannelHangupRequest>());
    }

    [Fact]
    public async Task A_lost_hang_up_leaves_no_channel_and_no_event()
    {
        await using var rig = await AriRig.StartAsync(time: _time);
        rig.Fake.Script(Number, Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(10)).NeverReports());
        await rig.AnsweredAsync(Number);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(rig.Fake.Channels);
        Assert.Equal(AriErrorKind.NotFound, (await rig.Connection.Channels.GetAsync("call-1", TestContext.Current.CancellationToken)).Error!.Kind);
        Assert.Empty(rig.Sink.Events.OfType<ChannelDestroyed>());
    }

    [Fact]
    public async Task A_call_that_is_answered_while_no_socket_is_open_is_hung_up()
    {
        await using var rig = await AriRig.StartAsync(time: _time);
        rig.Fake.Script(Number, Subscriber.NoAnswer());
        await rig.CallAsync(Number);
        rig.Fake.RefuseConnections = true;
        rig.Fake.DropSocket();
        rig.Fake.Answer("call-1");
        Assert.Empty(rig.Fake.Channels);
    }

    [Fact]
    public async Task A_list_plays_one_after_another_and_keys_come_meanwhile()
    {
        await using var rig = await AriRig.StartAsync(time: _time);
        rig.Fake.PlaybackDuration = _ => TimeSpan.FromSeconds(2);
        rig.Fake.Script(Number, Subscriber.Answers().PressesWhenHearing("pay", "1"));
        await rig.AnsweredAsync(Number);
        var token = TestContext.Current.CancellationToken;
        Assert.Equal("queued", (await rig.Connection.Channels.PlayAsync("call-1", "p1", ["sound:hello", "sound:pay"], token)).ValueOrThrow().State);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("1", (await rig.Sink.WaitAsync<ChannelDtmfReceived>()).Digit);
        Assert.Single(rig.Sink.Events.OfType<PlaybackContinuing>());
        Assert.True((await rig.Connection.Playbacks.StopAsync("p1", token)).IsSuccess);
        var finished = await rig.Sink.WaitAsync<PlaybackFinished>();
        Assert.Equal(("p1", "done", "call-1"), (finished.PlaybackId, finished.Playback.State, finished.ChannelId));
    }

    [Fact]
    public async Task A_medium_that_cannot_be_played_fails_the_playback()
    {
        await using var rig = await AriRig.StartAsync(time: _time, prepare: f => f.PlaybackFails = m => m.Contains("missing", StringComparison.Ordinal));
        await rig.AnsweredAsync(Number);
        await rig.Connection.Channels.PlayAsync("call-1", "p1", ["sound:missing"], TestContext.Current.CancellationToken);
        Assert.Equal("failed", (await rig.Sink.WaitAsync<PlaybackFinished>()).Playback.State);
    }

    private static string[] Types(AriRig rig) => [.. rig.Sink.Events.Select(e => e is Dial dial ? $"Dial:{dial.DialStatus}" : e.Type)];
}
