using Dialer.Storage.Contacts.Lists.Csv;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>How a file is written: its delimiter, where its header is, and how it writes fractions.</summary>
/// <param name="Delimiter">What separates fields.</param>
/// <param name="HeaderLine">The line of the header, from 1: office programs put titles above it.</param>
/// <param name="Columns">What the header says.</param>
/// <param name="Decimals">What stands before a fraction in the file's amounts.</param>
public sealed record ListDialect(char Delimiter, long HeaderLine, ListColumns Columns, DecimalSign Decimals)
{
    private const int HeaderWithin = 20;

    /// <summary>Finds the dialect from the first part of a file.</summary>
    /// <param name="sample">Text from the start of the file.</param>
    /// <param name="spoken">Which variables are amounts.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ListUnreadableException">No header with the needed columns is near the start.</exception>
    public static async Task<ListDialect> DetectAsync(string sample, SpokenVariables spoken, CancellationToken cancellationToken)
    {
        ListDialect? best = null;
        foreach (var delimiter in ",;\t|")
        {
            if (await HeaderAsync(sample, delimiter, cancellationToken) is { } found
                && (best is null || (found.Columns.Recognised, found.Columns.Count).CompareTo((best.Columns.Recognised, best.Columns.Count)) > 0))
            {
                best = found;
            }
        }

        if (best is null)
        {
            var first = sample.AsSpan().TrimStart().TrimStart('\uFEFF');
            first = first[..Math.Min(first.Length, 100)];
            var end = first.IndexOfAny('\r', '\n');
            throw new ListUnreadableException(
                $"No column PHONE_NUMBER (or Телефон) was found in the first {HeaderWithin} lines. The file must have a header such as NAME,PHONE_NUMBER,USER_VARS; it starts with «{(end < 0 ? first : first[..end])}».");
        }

        best.Columns.Check();
        return best with { Decimals = await DecimalsAsync(best, sample, spoken, cancellationToken) };
    }

    /// <summary>The dialect in words, such as <c>; · decimal comma</c>.</summary>
    public string Describe() => (Delimiter == '\t' ? "TAB" : Delimiter.ToString()) + Decimals switch
    {
        DecimalSign.Comma => " · decimal comma",
        DecimalSign.Point => " · decimal point",
        _ => "",
    };

    private static async Task<ListDialect?> HeaderAsync(string sample, char delimiter, CancellationToken cancellationToken)
    {
        using var text = new StringReader(sample);
        using var reader = new CsvRecordReader(text, delimiter);
        for (var i = 0; i < HeaderWithin && await reader.ReadAsync(cancellationToken); i++)
        {
            var header = Enumerable.Range(0, reader.FieldCount).Select(f => new string(reader.Field(f))).ToList();
            if (ListColumns.From(header) is { } columns)
            {
                return new ListDialect(delimiter, reader.Line, columns, DecimalSign.Unknown);
            }
        }

        return null;
    }

    /// <summary>What the amounts agree on; unknown where they contradict each other, so that doubtful ones are refused.</summary>
    private static async Task<DecimalSign> DecimalsAsync(ListDialect dialect, string sample, SpokenVariables spoken, CancellationToken cancellationToken)
    {
        using var text = new StringReader(sample);
        using var reader = new CsvRecordReader(text, dialect.Delimiter);
        int comma = 0, point = 0;
        int pendingComma = 0, pendingPoint = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            // The last record may be cut off in the middle of an amount: each counts when the next one is there.
            (comma, point) = (comma + pendingComma, point + pendingPoint);
            (pendingComma, pendingPoint) = (0, 0);
            for (var i = 0; reader.Line > dialect.HeaderLine && i < reader.FieldCount; i++)
            {
                switch (dialect.Columns[i])
                {
                    case ColumnKind.Variable when spoken.IsAmount(dialect.Columns.HeaderAt(i)):
                        Count(reader.Field(i).Trim(), ref pendingComma, ref pendingPoint);
                        break;
                    case ColumnKind.Variables:
                        var pairs = new VariablePairs(reader.Field(i));
                        while (pairs.MoveNext())
                        {
                            if (spoken.IsAmount(pairs.Name))
                            {
                                Count(pairs.Value, ref pendingComma, ref pendingPoint);
                            }
                        }

                        break;
                }
            }
        }

        if (comma + point == 0)
        {
            (comma, point) = (pendingComma, pendingPoint);
        }

        return (comma, point) switch
        {
            ( > 0, 0) => DecimalSign.Comma,
            (0, > 0) => DecimalSign.Point,
            _ => DecimalSign.Unknown,
        };
    }

    private static void Count(ReadOnlySpan<char> value, ref int comma, ref int point)
    {
        var sign = Amount.SignOf(value);
        comma += sign == DecimalSign.Comma ? 1 : 0;
        point += sign == DecimalSign.Point ? 1 : 0;
    }
}
