using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace Dialer.Tests.Infrastructure;

/// <summary>A call by the SIP messages that the network received and sent, in the order in which it did, however late it worked them off.</summary>
/// <param name="Number">Who was called.</param>
/// <param name="CalledAt">The INVITE arrived.</param>
/// <param name="AnsweredAt">The first 200 for it was sent; null where none was.</param>
/// <param name="FreedAt">The first BYE or CANCEL arrived or was sent, or the INVITE was refused; null where nothing of that is there.</param>
public sealed partial record SipCall(string Number, DateTimeOffset CalledAt, DateTimeOffset? AnsweredAt, DateTimeOffset? FreedAt)
{
    /// <summary>We gave it up while it rang; an answer that crossed that is none.</summary>
    public bool IsGivenUp { get; init; }

    /// <summary>The first 180 for it was sent; null where none was.</summary>
    public DateTimeOffset? RangAt { get; init; }

    // Ethernet, IPv4 without options, UDP, as Asterisk writes them.
    private const int Headers = 14 + 20 + 8;
    private const uint Magic = 0xa1b2c3d4;
    private const int MagicLength = 24;
    private const int RecordLength = 16;

    /// <summary>Reads the log of SIP that Asterisk «network» wrote; what it wrote last is in it once the log has ended.</summary>
    public static IReadOnlyList<SipCall> ReadLog(string path)
    {
        using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
        return Read(log);
    }

    /// <summary>Reads a capture in the format of pcap; a message that is being written is left out.</summary>
    /// <exception cref="FormatException">It is no such capture.</exception>
    public static IReadOnlyList<SipCall> Read(Stream capture)
    {
        var calls = new Dictionary<string, SipCall>(StringComparer.Ordinal);
        foreach (var (at, message) in Messages(capture))
        {
            if (CallId().Match(message) is not { Success: true } id)
                continue;
            var call = id.Groups["id"].Value;
            if (Invite().Match(message) is { Success: true } invite)
                calls.TryAdd(call, new SipCall(invite.Groups["number"].Value, at, null, null));
            else if (!calls.TryGetValue(call, out var begun))
                continue;
            else if (message.StartsWith("CANCEL ", StringComparison.Ordinal))
                calls[call] = begun with { AnsweredAt = null, FreedAt = begun.FreedAt ?? at, IsGivenUp = true };
            else if (begun.FreedAt is not null)
                continue;
            else if (message.StartsWith("SIP/2.0 180 ", StringComparison.Ordinal))
                calls[call] = begun with { RangAt = begun.RangAt ?? at };
            else if (Answer().IsMatch(message))
                calls[call] = begun with { AnsweredAt = begun.AnsweredAt ?? at };
            else if (End().IsMatch(message))
                calls[call] = begun with { FreedAt = at };
        }

        return [.. calls.Values];
    }

    /// <summary>The most lines that were in use at one moment. A call without an end still has its line.</summary>
    public static int MostAtOnce(IEnumerable<SipCall> calls)
    {
        // At one instant an end comes before a start: the line is free by then.
        var changes = calls.SelectMany(call => new[] { (At: call.CalledAt, Change: 1), (At: call.FreedAt ?? DateTimeOffset.MaxValue, Change: -1) })
            .OrderBy(change => change.At).ThenBy(change => change.Change);
        int inUse = 0, most = 0;
        foreach (var (_, change) in changes)
        {
            inUse += change;
            most = Math.Max(most, inUse);
        }

        return most;
    }

    private static IEnumerable<(DateTimeOffset At, string Message)> Messages(Stream capture)
    {
        var header = new byte[MagicLength];
        if (capture.ReadAtLeast(header, MagicLength, throwOnEndOfStream: false) < MagicLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
            throw new FormatException("The network's log of SIP is no capture in the format of pcap.");
        while (capture.ReadAtLeast(header.AsSpan(0, RecordLength), RecordLength, throwOnEndOfStream: false) == RecordLength)
        {
            var packet = new byte[BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8))];
            var at = DateTimeOffset.UnixEpoch.AddSeconds(BinaryPrimitives.ReadUInt32LittleEndian(header))
                .AddMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)));
            if (capture.ReadAtLeast(packet, packet.Length, throwOnEndOfStream: false) < packet.Length)
                yield break;
            if (packet.Length > Headers)
                yield return (at, Encoding.UTF8.GetString(packet.AsSpan(Headers)));
        }
    }

    [GeneratedRegex(@"^INVITE sip:(?<number>[^@;>]+)@", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Invite();

    [GeneratedRegex(@"\r\nCall-ID: (?<id>\S+)\r\n", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex CallId();

    [GeneratedRegex(@"^SIP/2\.0 200 [^\r]*\r\n(?s:.)*?\r\nCSeq: \d+ INVITE\r\n", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Answer();

    // Or a refusal of the INVITE; 401 and 407 ask for a password only.
    [GeneratedRegex(@"^(BYE |SIP/2\.0 (?!401|407)[3-6]\d\d [^\r]*\r\n(?s:.)*?\r\nCSeq: \d+ INVITE\r\n)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex End();
}
