using System.Globalization;

namespace Dialer.Tests.Infrastructure;

/// <summary>One call as the telephone network saw it, written when it ended.</summary>
/// <param name="Number">Who was called; a phone's calls have <c>phone-ID</c>.</param>
/// <param name="CallerId">What the network was told of the caller.</param>
/// <param name="StartedAt">The INVITE arrived.</param>
/// <param name="AnsweredAt">Null when nobody answered.</param>
/// <param name="EndedAt">The line was free again.</param>
/// <param name="Disposition">ANSWERED, NO ANSWER, BUSY, CONGESTION or FAILED.</param>
/// <param name="Id">The network's own id; what was heard is kept as <c>{Number}-{Id}.wav</c>.</param>
public sealed record NetworkCall(
    string Number, string CallerId, DateTimeOffset StartedAt, DateTimeOffset? AnsweredAt, DateTimeOffset EndedAt, string Disposition, string Id)
{
    /// <summary>How much of it, from its start to its end, lies between two instants.</summary>
    public TimeSpan Within(DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (StartedAt > from ? StartedAt : from, EndedAt < to ? EndedAt : to);
        return end > start ? end - start : TimeSpan.Zero;
    }

    /// <summary>Reads the log that Asterisk «network» writes; a line that is being written is left out.</summary>
    public static IReadOnlyList<NetworkCall> ReadLog(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    private static NetworkCall Parse(string line)
    {
        var fields = line.Split(',');
        return fields.Length == 7
            ? new NetworkCall(fields[0], fields[1], Instant(fields[2])!.Value, Instant(fields[3]), Instant(fields[4])!.Value, fields[5], fields[6])
            : throw new FormatException($"The network's call log has a line of {fields.Length} fields instead of 7.");
    }

    private static DateTimeOffset? Instant(string seconds) =>
        decimal.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(value * TimeSpan.TicksPerSecond))
            : null;
}
