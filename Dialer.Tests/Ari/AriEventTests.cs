using System.Text;
using System.Text.Json;
using Dialer.Ari;
using Xunit;

namespace Dialer.Tests.Ari;

/// <summary>Events as Asterisk 22.10 writes them.</summary>
public sealed class AriEventTests
{
    private const string Tail = "\"timestamp\":\"2026-01-31T12:00:00.123+0300\",\"asterisk_id\":\"02:00:00:00:00:01\",\"application\":\"dialer\"";

    private const string Channel =
        "{\"id\":\"call-1\",\"name\":\"PJSIP/trunk-00000001\",\"state\":\"Up\",\"protocol_id\":\"abc\",\"caller\":{\"name\":\"Дом\",\"number\":\"100\"},"
        + "\"connected\":{\"name\":\"\",\"number\":\"200\"},\"accountcode\":\"\",\"dialplan\":{\"context\":\"default\",\"exten\":\"s\",\"priority\":1,"
        + "\"app_name\":\"AppDial2\",\"app_data\":\"(Outgoing Line)\"},\"creationtime\":\"2026-01-31T11:59:50.000+0300\",\"language\":\"en\","
        + "\"channelvars\":{\"A\":\"1\"},\"unheard_of\":[{}]}";

    private const string Playback =
        "{\"id\":\"p1\",\"media_uri\":\"sound:a\",\"next_media_uri\":\"sound:b\",\"target_uri\":\"channel:call-1\",\"language\":\"en\",\"state\":\"playing\"}";

    private const string Bridge =
        "{\"id\":\"b1\",\"technology\":\"simple_bridge\",\"bridge_type\":\"mixing\",\"bridge_class\":\"stasis\",\"creator\":\"Stasis\",\"name\":\"\","
        + "\"channels\":[\"call-1\"],\"creationtime\":\"2026-01-31T11:59:50.000+0300\",\"video_mode\":\"none\"}";

    private const string Endpoint = "{\"technology\":\"PJSIP\",\"resource\":\"trunk\",\"state\":\"online\",\"channel_ids\":[]}";

    public static TheoryData<string, string, Type, string?, string?, string?> Known => new()
    {
        { "StasisStart", $"\"args\":[\"a\"],\"channel\":{Channel}", typeof(StasisStart), "call-1", null, null },
        { "StasisEnd", $"\"channel\":{Channel}", typeof(StasisEnd), "call-1", null, null },
        { "ChannelCreated", $"\"channel\":{Channel}", typeof(ChannelCreated), "call-1", null, null },
        { "ChannelStateChange", $"\"channel\":{Channel}", typeof(ChannelStateChange), "call-1", null, null },
        { "ChannelDestroyed", $"\"cause\":17,\"cause_txt\":\"User busy\",\"tech_cause\":486,\"channel\":{Channel}", typeof(ChannelDestroyed), "call-1", null, null },
        { "ChannelHangupRequest", $"\"cause\":17,\"tech_cause\":486,\"soft\":true,\"channel\":{Channel}", typeof(ChannelHangupRequest), "call-1", null, null },
        { "ChannelDtmfReceived", $"\"digit\":\"#\",\"duration_ms\":120,\"channel\":{Channel}", typeof(ChannelDtmfReceived), "call-1", null, null },
        { "Dial", $"\"dialstatus\":\"RINGING\",\"forward\":\"\",\"dialstring\":\"1@trunk\",\"peer\":{Channel}", typeof(Dial), "call-1", null, null },
        { "PlaybackStarted", $"\"playback\":{Playback}", typeof(PlaybackStarted), "call-1", null, "p1" },
        { "PlaybackContinuing", $"\"playback\":{Playback}", typeof(PlaybackContinuing), "call-1", null, "p1" },
        { "PlaybackFinished", $"\"playback\":{Playback}", typeof(PlaybackFinished), "call-1", null, "p1" },
        { "ChannelEnteredBridge", $"\"bridge\":{Bridge},\"channel\":{Channel}", typeof(ChannelEnteredBridge), "call-1", "b1", null },
        { "ChannelLeftBridge", $"\"bridge\":{Bridge},\"channel\":{Channel}", typeof(ChannelLeftBridge), "call-1", "b1", null },
        { "BridgeDestroyed", $"\"bridge\":{Bridge}", typeof(BridgeDestroyed), null, "b1", null },
        { "EndpointStateChange", $"\"endpoint\":{Endpoint}", typeof(EndpointStateChange), null, null, null },
        { "ContactStatusChange", $"\"endpoint\":{Endpoint},\"contact_info\":{{\"uri\":\"sip:1\",\"contact_status\":\"Reachable\",\"aor\":\"trunk\",\"roundtrip_usec\":\"900\"}}", typeof(ContactStatusChange), null, null, null },
        { "PeerStatusChange", $"\"endpoint\":{Endpoint},\"peer\":{{\"peer_status\":\"Reachable\"}}", typeof(PeerStatusChange), null, null, null },
        { "ApplicationReplaced", "\"x\":1", typeof(ApplicationReplaced), null, null, null },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void An_event_is_read_into_its_class(string type, string fields, Type expected, string? channel, string? bridge, string? playback)
    {
        var e = Read($"{{\"type\":\"{type}\",{fields},{Tail}}}")!;
        Assert.IsType(expected, e);
        Assert.Equal(type, e.Type);
        Assert.Equal((channel, bridge, playback), (e.ChannelId, e.BridgeId, e.PlaybackId));
        Assert.Equal(("dialer", "02:00:00:00:00:01"), (e.Application, e.AsteriskId));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 9, 0, 0, 123, TimeSpan.Zero), e.Timestamp);
    }

    [Fact]
    public void Every_known_type_is_covered_here() =>
        Assert.Equal(AriEventReader.KnownTypes.Order(StringComparer.Ordinal), Known.Select(k => k.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void Fields_of_a_channel_and_a_hang_up_are_read()
    {
        var e = Assert.IsType<ChannelDestroyed>(Read($"{{\"type\":\"ChannelDestroyed\",\"cause\":17,\"cause_txt\":\"User busy\",\"tech_cause\":486,\"channel\":{Channel},{Tail}}}"));
        Assert.Equal((17, "User busy", 486), (e.Cause, e.CauseTxt, e.TechCause));
        Assert.Equal(("PJSIP/trunk-00000001", "abc", "Дом", "100", "200"), (e.Channel.Name, e.Channel.ProtocolId, e.Channel.Caller!.Name, e.Channel.Caller.Number, e.Channel.Connected!.Number));
        Assert.Equal("AppDial2", e.Channel.Dialplan!.AppName);
        Assert.Equal("1", e.Channel.Variables!["A"]);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 59, 50, TimeSpan.Zero), e.Channel.CreatedAt);
        Assert.True(e.Channel.IsUp);
    }

    [Fact]
    public void Fields_of_the_other_events_of_a_call_are_read()
    {
        var start = Assert.IsType<StasisStart>(Read($"{{\"type\":\"StasisStart\",\"args\":[\"a\",\"Дом\"],\"channel\":{Channel},\"replace_channel\":{Channel.Replace("call-1", "call-0", StringComparison.Ordinal)},{Tail}}}"));
        Assert.Equal(["a", "Дом"], start.Args);
        Assert.Equal("call-0", start.ReplaceChannel!.Id);
        var hangup = Assert.IsType<ChannelHangupRequest>(Read($"{{\"type\":\"ChannelHangupRequest\",\"cause\":17,\"tech_cause\":486,\"soft\":true,\"channel\":{Channel},{Tail}}}"));
        Assert.Equal((17, 486, true), (hangup.Cause, hangup.TechCause, hangup.Soft));
        var dial = Assert.IsType<Dial>(Read($"{{\"type\":\"Dial\",\"dialstatus\":\"RINGING\",\"dialstring\":\"1@trunk\",\"caller\":{Channel.Replace("call-1", "call-0", StringComparison.Ordinal)},\"peer\":{Channel},{Tail}}}"));
        Assert.Equal((DialStatuses.Ringing, "1@trunk", "call-0", "call-1"), (dial.DialStatus, dial.DialString, dial.Caller!.Id, dial.Peer.Id));
        var finished = Assert.IsType<PlaybackFinished>(Read($"{{\"type\":\"PlaybackFinished\",\"playback\":{Playback},{Tail}}}"));
        Assert.Equal(
            new AriPlayback { Id = "p1", MediaUri = "sound:a", NextMediaUri = "sound:b", TargetUri = "channel:call-1", Language = "en", State = PlaybackStates.Playing },
            finished.Playback);
    }

    [Fact]
    public void What_is_not_told_is_null_or_empty()
    {
        var hangup = Assert.IsType<ChannelHangupRequest>(Read("{\"type\":\"ChannelHangupRequest\",\"cause\":null,\"soft\":null,\"asterisk_id\":null,\"channel\":{\"id\":\"x\",\"caller\":null,\"dialplan\":null}}"));
        Assert.Equal((null, null, null, null), (hangup.Cause, hangup.TechCause, hangup.Soft, hangup.AsteriskId));
        Assert.Equal(("", "", null, null), (hangup.Application, hangup.Channel.Name, hangup.Channel.Caller, hangup.Channel.Dialplan));
        var dial = Assert.IsType<Dial>(Read("{\"type\":\"Dial\",\"peer\":{\"id\":\"x\"}}"));
        Assert.Equal((DialStatuses.Begin, null, null), (dial.DialStatus, dial.DialString, dial.Caller));
        Assert.Empty(Assert.IsType<StasisStart>(Read("{\"type\":\"StasisStart\",\"channel\":{\"id\":\"x\"}}")).Args);
    }

    [Fact]
    public void What_one_event_says_is_not_taken_for_what_the_next_one_says()
    {
        (string Json, string Text)[] names = [("dialer", "dialer"), ("dialer2", "dialer2"), ("dial\\u0065r", "dialer"), ("", ""), ("\\\"d\\\"", "\"d\""), ("\\\"e\\\"", "\"e\"")];
        foreach (var (json, text) in names)
        {
            var e = Assert.IsType<StasisStart>(Read($"{{\"type\":\"StasisStart\",\"application\":\"{json}\",\"asterisk_id\":\"{json}\",\"channel\":"
                + $"{{\"id\":\"x\",\"state\":\"{json}\",\"caller\":{{\"number\":\"{json}\"}},\"connected\":{{}}}}}}"));
            Assert.Equal((text, text, text), (e.Application, e.AsteriskId, e.Channel.State));
            Assert.Equal(new CallerId(text, ""), e.Channel.Caller);
            Assert.Equal(new CallerId("", ""), e.Channel.Connected);
        }

        DialplanPosition[] positions =
        [
            new("a", "s", 1, "Stasis", "dialer"), new("b", "s", 1, "Stasis", "dialer"), new("b", "t", 1, "Stasis", "dialer"), new("b", "t", 2, "Stasis", "dialer"),
            new("b", "t", 2, "Wait", "dialer"), new("b", "t", 2, "Wait", "1"), new("b", "t", 2, null, "1"), new("b", "t", 2, null, null), new("b", "t", 2, null, null),
        ];
        foreach (var at in positions)
        {
            var e = Assert.IsType<ChannelStateChange>(Read("{\"type\":\"ChannelStateChange\",\"channel\":{\"id\":\"x\",\"dialplan\":{"
                + $"\"context\":\"{at.Context}\",\"exten\":\"{at.Exten}\",\"priority\":{at.Priority},\"app_name\":{Quoted(at.AppName)},\"app_data\":{Quoted(at.AppData)}}}}}}}"));
            Assert.Equal(at, e.Channel.Dialplan);
        }

        static string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";
    }

    [Fact]
    public void A_type_that_does_not_come_first_is_found() =>
        Assert.IsType<StasisEnd>(Read($"{{\"channel\":{Channel},{Tail},\"type\":\"StasisEnd\"}}"));

    [Fact]
    public void An_unknown_event_is_skipped_or_delivered_as_it_came()
    {
        var json = $"{{\"type\":\"ChannelVarset\",\"variable\":\"A\",{Tail}}}";
        Assert.Null(Read(json));
        var e = Assert.IsType<UnknownEvent>(Read(json, unknownToo: true));
        Assert.Equal(("ChannelVarset", "dialer"), (e.Type, e.Application));
        Assert.Equal(json, Encoding.UTF8.GetString(e.Json.Span));
    }

    [Theory]
    [InlineData("{\"type\":\"StasisEnd\",\"channel\":{\"name\":\"no id\"}}")]
    [InlineData("{\"type\":\"StasisEnd\",\"channel\":{\"id\":\"x\",\"creationtime\":\"yesterday\"}}")]
    [InlineData("{\"type\":\"StasisStart\"}")]
    [InlineData("{\"type\":\"StasisStart\",\"channel\":null}")]
    [InlineData("{\"type\":\"StasisStart\",\"channel\":[]}")]
    [InlineData("{\"type\":\"ChannelDestroyed\",\"channel\":{\"name\":\"no id\"}}")]
    [InlineData("{\"type\":\"ChannelDestroyed\",\"channel\":{\"id\":\"x\"},\"timestamp\":\"yesterday\"}")]
    [InlineData("{\"type\":\"ChannelDestroyed\",\"channel\":{\"id\":7}}")]
    [InlineData("{\"type\":\"ChannelDestroyed\",\"channel\":{\"id\":\"x\"},\"cause\":\"17\"}")]
    [InlineData("{\"type\":\"ChannelDestroyed\",\"channel\":{\"id\":\"x\"},\"cause\":99999999999}")]
    [InlineData("{\"type\":\"ChannelHangupRequest\",\"channel\":{\"id\":\"x\"},\"soft\":1}")]
    [InlineData("{\"type\":\"StasisStart\",\"channel\":{\"id\":\"x\"}")]
    [InlineData("{\"type\":\"Dial\",\"channel\":{\"id\":\"x\"}}")]
    [InlineData("{\"type\":\"PlaybackFinished\",\"playback\":{\"state\":\"done\"}}")]
    [InlineData("{\"type\":\"PlaybackFinished\",\"playback\":{\"id\":\"x\"}} {}")]
    public void An_event_without_what_it_must_have_is_no_event(string json)
    {
        var thrown = Assert.ThrowsAny<JsonException>(() => Read(json));
        if (!json.Contains("StasisEnd", StringComparison.Ordinal))
            Assert.StartsWith(json.Split('"')[3] + ": ", thrown.Message, StringComparison.Ordinal);
    }

    private static AriEvent? Read(string json, bool unknownToo = false)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        Span<char> name = stackalloc char[64];
        return AriEventReader.Read(utf8, name[..AriEventReader.ReadType(utf8, name)], unknownToo);
    }
}
