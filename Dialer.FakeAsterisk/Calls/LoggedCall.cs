using System.Globalization;
using System.Text;

namespace Dialer.Simulation.Calls;

/// <summary>Who ended a call.</summary>
public enum HungUpBy
{
    /// <summary>The called party, or the network.</summary>
    FarEnd,

    /// <summary>A request of the client.</summary>
    Client,

    /// <summary>The originate's timeout.</summary>
    Timeout,

    /// <summary>Asterisk: it was answered while no socket of its application was open.</summary>
    NoApplication,

    /// <summary>The end of the fake Asterisk; nobody wrote that down.</summary>
    Death,
}

/// <summary>One call as the fake Asterisk saw it.</summary>
/// <param name="Channel">The channel's id, which the client chose: the attempt's.</param>
/// <param name="Number">Who was called.</param>
/// <param name="Endpoint">Over which trunk; a phone's own endpoint.</param>
/// <param name="OriginatedAt">The request had arrived.</param>
/// <param name="AnsweredAt">Null where nobody answered.</param>
/// <param name="EndedAt">Its last event went out; null where it goes on.</param>
/// <param name="Cause">Q.850 cause of its end; 0 while it goes on, and where the fake's own end was its.</param>
/// <param name="By">Who ended it; null while it goes on.</param>
public sealed record LoggedCall(
    string Channel, string Number, string Endpoint, DateTimeOffset OriginatedAt, DateTimeOffset? AnsweredAt, DateTimeOffset? EndedAt, int Cause, HungUpBy? By)
{
    /// <summary>Reads a log, in the order of the originates; a line that is being written is left out.</summary>
    /// <exception cref="FormatException">It is no such log.</exception>
    public static IReadOnlyList<LoggedCall> ReadLog(string path)
    {
        var calls = new List<LoggedCall>();
        var open = new Dictionary<int, int>();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var left = WholeLines(file);
        using var reader = new StreamReader(file);
        while (left > 0 && reader.ReadLine() is { } line)
        {
            left -= Encoding.UTF8.GetByteCount(line) + 1;
            var fields = line.Split(',');
            var at = Instant(fields[1]);
            switch (fields)
            {
                case ["S", _]:
                    foreach (var index in open.Values)
                    {
                        calls[index] = calls[index] with { EndedAt = at, By = HungUpBy.Death };
                    }

                    open.Clear();
                    break;
                case ["O", _, var serial, var channel, var number, var endpoint]:
                    open[Number32(serial)] = calls.Count;
                    calls.Add(new LoggedCall(channel, number, endpoint, at, null, null, 0, null));
                    break;
                case ["A", _, var serial]:
                    calls[open[Number32(serial)]] = calls[open[Number32(serial)]] with { AnsweredAt = at };
                    break;
                case ["E", _, var serial, var cause, var by]:
                    open.Remove(Number32(serial), out var ended);
                    calls[ended] = calls[ended] with { EndedAt = at, Cause = Number32(cause), By = (HungUpBy)Number32(by) };
                    break;
                default:
                    throw new FormatException($"The fake Asterisk's call log has a line of an unknown kind: «{fields[0]}».");
            }
        }

        return calls;
    }

    /// <summary>How many bytes there are up to the end of the last whole line.</summary>
    private static long WholeLines(FileStream file)
    {
        Span<byte> end = new byte[(int)Math.Min(file.Length, 4096)];
        var from = file.Length - end.Length;
        file.Seek(from, SeekOrigin.Begin);
        file.ReadExactly(end);
        file.Seek(0, SeekOrigin.Begin);
        return from + end.LastIndexOf((byte)'\n') + 1;
    }

    private static int Number32(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(long.Parse(microseconds, CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond);
}
