using System.Globalization;
using System.Text;
using Xunit;

namespace Dialer.Tests.Infrastructure;

/// <summary>What is read out of the network's SIP messages.</summary>
public sealed class SipCallTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string[], double?, double?> Ends => new()
    {
        // Hung up, by either side; given up while it rang; refused.
        { ["1 SIP/2.0 200 OK|INVITE", "2.5 BYE sip:1@x SIP/2.0|BYE", "3 SIP/2.0 200 OK|BYE"], 1, 2.5 },
        { ["1 SIP/2.0 180 Ringing|INVITE", "2 CANCEL sip:1@x SIP/2.0|CANCEL", "4 SIP/2.0 487 Request Terminated|INVITE"], null, 2 },
        { ["1.5 SIP/2.0 200 OK|INVITE", "2 CANCEL sip:1@x SIP/2.0|CANCEL", "2.25 BYE sip:1@x SIP/2.0|BYE"], null, 2 },
        { ["0.25 SIP/2.0 486 Busy Here|INVITE"], null, 0.25 },
        // Asked for a password, it comes with one.
        { ["0.1 SIP/2.0 401 Unauthorized|INVITE", "0.2 INVITE sip:79994000001@x SIP/2.0|INVITE", "2 BYE sip:1@x SIP/2.0|BYE"], null, 2 },
        // A request within the call that is refused does not end it.
        { ["1 SIP/2.0 200 OK|INVITE", "2 SIP/2.0 415 Unsupported Media Type|INFO", "5 BYE sip:1@x SIP/2.0|BYE"], 1, 5 },
        // Sent again, since nobody answered.
        { ["0.5 INVITE sip:79994000001@x SIP/2.0|INVITE", "0.75 SIP/2.0 200 OK|INVITE", "1 SIP/2.0 200 OK|INVITE", "2 BYE sip:1@x SIP/2.0|BYE", "2.5 BYE sip:1@x SIP/2.0|BYE"], 0.75, 2 },
        // It was still up.
        { ["1 SIP/2.0 200 OK|INVITE"], 1, null },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_call_lasts_from_its_first_INVITE_to_the_first_message_of_its_end(string[] messages, double? answered, double? freed)
    {
        string[] all = ["0 INVITE sip:79994000001@x SIP/2.0|INVITE", .. messages, "6 BYE sip:1@x SIP/2.0|BYE|another"];
        var call = Assert.Single(SipCall.Read(Capture(all)));
        Assert.Equal(new SipCall("79994000001", Noon, At(answered), At(freed)), call with { IsGivenUp = false, RangAt = null });
        Assert.Equal(At(messages.Any(message => message.Contains(" 180 ", StringComparison.Ordinal)) ? 1 : null), call.RangAt);
        Assert.Equal(messages.Any(message => message.Contains("CANCEL", StringComparison.Ordinal)), call.IsGivenUp);
    }

    [Fact]
    public void A_message_that_is_being_written_is_left_out()
    {
        using var capture = Capture(["0 INVITE sip:79994000001@x SIP/2.0|INVITE", "1 BYE sip:1@x SIP/2.0|BYE"]);
        capture.SetLength(capture.Length - 1);
        Assert.Null(Assert.Single(SipCall.Read(capture)).FreedAt);
    }

    [Fact]
    public void Another_file_is_no_capture()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes("number,caller,start,answer,end"));
        Assert.Throws<FormatException>(() => SipCall.Read(file));
    }

    public static TheoryData<(double From, double? To)[], int> Moments => new()
    {
        { [], 0 },
        { [(0, 1), (2, 3)], 1 },
        { [(0, 3), (1, 2), (2.5, 4)], 2 },
        // Freed at the very moment when the next one begins.
        { [(0, 1), (1, 2)], 1 },
        { [(2, 3), (0, 2), (1, 2)], 2 },
        // Still up when the log ended.
        { [(0, null), (5, 6), (7, 8)], 2 },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public void A_line_is_in_use_from_the_INVITE_until_the_call_is_freed((double From, double? To)[] calls, int most) =>
        Assert.Equal(most, SipCall.MostAtOnce(calls.Select(call => new SipCall("1", Noon.AddSeconds(call.From), null, At(call.To)))));

    private static DateTimeOffset? At(double? seconds) => seconds is { } at ? Noon.AddSeconds(at) : null;

    /// <summary>A capture as Asterisk writes it; a message is given as «SECONDS START-LINE|METHOD» and, where it is another call's, «|CALL».</summary>
    private static MemoryStream Capture(IEnumerable<string> messages)
    {
        var capture = new MemoryStream();
        using var writer = new BinaryWriter(capture, Encoding.UTF8, leaveOpen: true);
        writer.Write(0xa1b2c3d4u);
        writer.Write(new byte[20]);
        foreach (var parts in messages.Select(message => message.Split('|')))
        {
            var space = parts[0].IndexOf(' ', StringComparison.Ordinal);
            var at = Noon.AddSeconds(double.Parse(parts[0][..space], CultureInfo.InvariantCulture));
            var text = Encoding.UTF8.GetBytes($"{parts[0][(space + 1)..]}\r\nVia: SIP/2.0/UDP x\r\nCall-ID: {(parts.Length > 2 ? parts[2] : "call")}\r\nCSeq: 7 {parts[1]}\r\n\r\n");
            writer.Write((uint)at.ToUnixTimeSeconds());
            writer.Write((uint)(at.Millisecond * 1000));
            writer.Write(42 + text.Length);
            writer.Write(42 + text.Length);
            writer.Write(new byte[42]);
            writer.Write(text);
        }

        capture.Position = 0;
        return capture;
    }
}
