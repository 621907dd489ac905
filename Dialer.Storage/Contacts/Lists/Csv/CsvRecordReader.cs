using System.Buffers;

namespace Dialer.Storage.Contacts.Lists.Csv;

/// <summary>Why a record could not be split into fields; the reader has gone on behind it.</summary>
public enum CsvFault
{
    /// <summary>The record is sound.</summary>
    None,

    /// <summary>A quoted field is followed by text, or never closed.</summary>
    LoneQuote,

    /// <summary>The line is longer than the reader keeps in memory.</summary>
    TooLong,

    /// <summary>More fields than any list has columns.</summary>
    TooManyFields,
}

/// <summary>
/// Splits text into records and fields, in bounded memory and with true line numbers.
/// </summary>
/// <remarks>
/// It is our own because of one lone quote: usual readers then take everything up to the next quote as one value, so
/// people vanish from the list without a word. Here the line with the quote is reported and reading goes on with the
/// line after it. Not thread-safe; spans are valid until the next read.
/// </remarks>
public sealed class CsvRecordReader(TextReader text, char delimiter, int maxRecord = 1 << 20) : IDisposable
{
    private const int MaxFields = 1_000;
    private const int FirstBuffer = 1 << 16;

    // Going back to the line after a lone quote reads that text again; hostile files could make that quadratic.
    private const long MaxReread = 64L << 20;

    private readonly SearchValues<char> unquotedEnd = SearchValues.Create([delimiter, '\r', '\n']);
    private readonly (int Start, int Length)[] fields = new (int, int)[MaxFields];
    private readonly int[] escaped = new int[MaxFields];
    private int escapedCount;
    private char[] buffer = ArrayPool<char>.Shared.Rent(FirstBuffer);
    private int start;
    private int end;
    private bool ended;
    private long nextLine = 1;
    private long reread;

    private enum Step
    {
        Record,
        NeedMore,
        LoneQuote,
        TooManyFields,
    }

    /// <summary>The line, from 1, at which the current record starts.</summary>
    public long Line { get; private set; }

    /// <summary>What is wrong with the current record; its fields are empty then, unless this is <see cref="CsvFault.None"/>.</summary>
    public CsvFault Fault { get; private set; }

    /// <summary>How many fields the current record has.</summary>
    public int FieldCount { get; private set; }

    /// <summary>The value of a field of the current record, without its quotes; empty behind the last one.</summary>
    public ReadOnlySpan<char> Field(int index) =>
        index < FieldCount ? buffer.AsSpan(fields[index].Start, fields[index].Length) : [];

    /// <summary>Goes on to the next record that is not an empty line.</summary>
    /// <returns>False at the end of the text.</returns>
    /// <exception cref="ListUnreadableException">Quotes are out of step throughout the file.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Fault = CsvFault.None;
            FieldCount = 0;
            Line = nextLine;
            if (start == end)
            {
                if (ended)
                {
                    return false;
                }

                await FillAsync(cancellationToken);
                continue;
            }

            switch (Split())
            {
                case Step.Record when FieldCount == 1 && fields[0].Length == 0:
                    continue;
                case Step.Record:
                    return true;
                case Step.LoneQuote:
                    return await SkipLineAsync(CsvFault.LoneQuote, cancellationToken);
                case Step.TooManyFields:
                    return await SkipLineAsync(CsvFault.TooManyFields, cancellationToken);
                case Step.NeedMore when end - start < maxRecord:
                    await FillAsync(cancellationToken);
                    break;
                default:
                    var newline = buffer.AsSpan(start, end - start).IndexOfAny('\r', '\n');
                    return await SkipLineAsync(newline < 0 ? CsvFault.TooLong : CsvFault.LoneQuote, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(buffer);
        buffer = [];
        start = end = 0;
        ended = true;
    }

    /// <summary>Splits the record at <see cref="start"/>; moves on only when it is whole.</summary>
    private Step Split()
    {
        var at = start;
        var lines = 0L;
        var count = 0;
        escapedCount = 0;
        while (true)
        {
            if (count == MaxFields)
            {
                return Step.TooManyFields;
            }

            var opening = at;
            while (opening < end && buffer[opening] == ' ')
            {
                opening++;
            }

            if (opening < end && buffer[opening] == '"')
            {
                var step = Quoted(count, opening + 1, out var length, out at, ref lines);
                if (step != Step.Record)
                {
                    return step;
                }

                fields[count++] = (opening + 1, length);
            }
            else
            {
                var length = buffer.AsSpan(at, end - at).IndexOfAny(unquotedEnd);
                if (length < 0)
                {
                    if (!ended)
                    {
                        return Step.NeedMore;
                    }

                    length = end - at;
                }

                fields[count++] = (at, length);
                at += length;
            }

            if (at < end && buffer[at] == delimiter)
            {
                at++;
                continue;
            }

            if (at < end && buffer[at] == '\r' && at + 1 == end && !ended)
            {
                return Step.NeedMore;
            }

            if (at < end)
            {
                at += LineBreak(at);
            }

            Take(at, lines + 1, count);
            return Step.Record;
        }
    }

    /// <summary>Finds the end of a quoted field; <paramref name="after"/> stands on the delimiter, line break or end.</summary>
    private Step Quoted(int field, int from, out int length, out int after, ref long lines)
    {
        var doubled = false;
        length = 0;
        after = from;
        while (true)
        {
            var quote = buffer.AsSpan(after, end - after).IndexOf('"');
            if (quote < 0)
            {
                return ended ? Step.LoneQuote : Step.NeedMore;
            }

            after += quote + 1;
            if (after == end && !ended)
            {
                return Step.NeedMore;
            }

            if (after < end && buffer[after] == '"')
            {
                doubled = true;
                after++;
                continue;
            }

            break;
        }

        length = after - 1 - from;
        while (after < end && buffer[after] == ' ')
        {
            after++;
        }

        if (after == end)
        {
            if (!ended)
            {
                return Step.NeedMore;
            }
        }
        else if (buffer[after] != delimiter && buffer[after] is not ('\r' or '\n'))
        {
            return Step.LoneQuote;
        }

        lines += Lines(buffer.AsSpan(from, length));
        if (doubled)
        {
            escaped[escapedCount++] = field;
        }

        return Step.Record;
    }

    private void Take(int at, long lines, int count)
    {
        // Only now: a record that needs more text is split again from its start.
        for (var i = 0; i < escapedCount; i++)
        {
            ref var field = ref fields[escaped[i]];
            field.Length = Unescape(buffer.AsSpan(field.Start, field.Length));
        }

        FieldCount = count;
        start = at;
        nextLine += lines;
    }

    private int LineBreak(int at) => buffer[at] == '\r' && at + 1 < end && buffer[at + 1] == '\n' ? 2 : 1;

    private static long Lines(ReadOnlySpan<char> value)
    {
        var lines = 0L;
        for (int at; (at = value.IndexOfAny('\r', '\n')) >= 0; lines++)
        {
            value = value[(at + (value[at] == '\r' && at + 1 < value.Length && value[at + 1] == '\n' ? 2 : 1))..];
        }

        return lines;
    }

    private static int Unescape(Span<char> value)
    {
        var to = 0;
        for (var from = 0; from < value.Length; from++)
        {
            value[to++] = value[from];
            from += value[from] == '"' ? 1 : 0;
        }

        return to;
    }

    /// <summary>Leaves the line at <see cref="start"/>, whatever is in it.</summary>
    private async ValueTask<bool> SkipLineAsync(CsvFault fault, CancellationToken cancellationToken)
    {
        Fault = fault;
        reread += end - start;
        if (reread > MaxReread)
        {
            throw new ListUnreadableException(
                $"From line {Line} on the quotes of this file do not pair up. Save it again as CSV, with every quote inside a value doubled.");
        }

        while (true)
        {
            var at = buffer.AsSpan(start, end - start).IndexOfAny('\r', '\n');
            if (at >= 0 && (start + at + 1 < end || ended))
            {
                start += at + LineBreak(start + at);
                nextLine++;
                return true;
            }

            if (ended)
            {
                start = end;
                return true;
            }

            // A carriage return in the last place stays: its line feed may still come.
            start = at >= 0 ? start + at : end;
            await FillAsync(cancellationToken);
        }
    }

    /// <summary>At least doubles what is held, so that a long record split again from its start costs a constant factor.</summary>
    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var held = end - start;
        var wanted = Math.Max(held, FirstBuffer / 2);
        if (buffer.Length - held < wanted)
        {
            var larger = ArrayPool<char>.Shared.Rent(held + wanted);
            buffer.AsSpan(start, held).CopyTo(larger);
            ArrayPool<char>.Shared.Return(buffer);
            buffer = larger;
        }
        else
        {
            buffer.AsSpan(start, held).CopyTo(buffer);
        }

        start = 0;
        end = held;
        while (!ended && end - held < wanted)
        {
            var read = await text.ReadAsync(buffer.AsMemory(end), cancellationToken);
            ended = read == 0;
            end += read;
        }
    }
}
