using Dialer.Storage.Contacts.Lists.Csv;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>Turns one record of a file into a contact, or says why it is none.</summary>
public sealed class RowReader(ListDialect dialect, SpokenVariables spoken, string region, Func<string> encodingName)
{
    private const int MaxNumbers = 20;
    private const int MaxValue = 4_000;
    private const int MaxVariableName = 100;
    private const int MaxVariables = 200;

    private readonly ListColumns columns = dialect.Columns;
    private readonly PhoneNumber phone = new(region);
    private readonly SpokenValue values = new(dialect.Decimals);
    private readonly bool[] given = new bool[spoken.Count];
    private readonly HashSet<string> others = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ListProblem> problems = [];
    private readonly char[] value = new char[MaxValue + 16];
    private HashSet<string>.AlternateLookup<ReadOnlySpan<char>> othersBySpan;

    /// <summary>What was wrong with the last record, rejecting or not.</summary>
    public IReadOnlyList<ListProblem> Problems => problems;

    /// <summary>Reads a record.</summary>
    /// <returns>True if the row is a contact that can be called, with warnings perhaps.</returns>
    public bool TryRead(CsvRecordReader record, ContactRow row)
    {
        problems.Clear();
        row.Begin();
        if (record.Fault != CsvFault.None)
        {
            return Reject(record, null, Explain(record.Fault), []);
        }

        Array.Clear(given);
        others.Clear();
        othersBySpan = others.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < record.FieldCount; i++)
        {
            if (!Sound(record, i) || !ReadField(record, i, row))
            {
                return false;
            }
        }

        row.EndVariables();
        if (row.Numbers.Count == 0)
        {
            return Problems.Count == 0
                ? Reject(record, columns.Numbers, "The row has no telephone number.", [])
                : Reject(record, columns.Numbers, "None of the row's telephone numbers can be dialled.", []);
        }

        for (var i = 0; i < given.Length; i++)
        {
            if (!given[i])
            {
                return Reject(record, HeaderOf(spoken[i].Name), $"{spoken[i].Name} is missing; the dial plan speaks it.", []);
            }
        }

        return true;
    }

    private bool ReadField(CsvRecordReader record, int index, ContactRow row)
    {
        var field = record.Field(index).Trim();
        switch (columns[index])
        {
            case ColumnKind.Name:
                return row.TrySetName(field) || Reject(record, columns.Name, $"The name is longer than {ContactRow.MaxName} characters.", field);
            case ColumnKind.Numbers:
                return ReadNumbers(record, field, row);
            case ColumnKind.Variables:
                return ReadPairs(record, field, row);
            case ColumnKind.TimeZone when !field.IsEmpty:
                return ReadTimeZone(record, index, field, row);
            case ColumnKind.Variable when !field.IsEmpty:
                return ReadVariable(record, columns.HeaderAt(index), columns.HeaderAt(index), field, row);
            default:
                return true;
        }
    }

    /// <summary>No characters that the table or a dial string cannot hold, and no more fields than the header names.</summary>
    private bool Sound(CsvRecordReader record, int index)
    {
        var field = record.Field(index);
        if (index >= columns.Count && !field.IsWhiteSpace())
        {
            return Reject(record, null, $"The row has more values than the header has columns ({columns.Count}). A value with the delimiter in it must stand in quotes.", field);
        }

        var bad = field.IndexOfAny('\0', '\uFFFD');
        return bad < 0 || Reject(
            record,
            index < columns.Count ? columns.HeaderAt(index) : null,
            field[bad] == '\0' ? "The value contains a zero byte." : $"The value contains characters that are not {encodingName()}. Save the file in one encoding, best UTF-8.",
            field);
    }

    private bool ReadNumbers(CsvRecordReader record, ReadOnlySpan<char> field, ContactRow row)
    {
        if (LooksShortened(field))
        {
            return Reject(record, columns.Numbers, "The spreadsheet has shortened the number. Format its column as text and save again.", field);
        }

        foreach (var range in MemoryExtensions.SplitAny(field, ";,\r\n"))
        {
            var piece = field[range].Trim();
            if (piece.IsEmpty)
            {
                continue;
            }

            var quality = phone.Normalise(piece, out var number);
            if (quality == NumberQuality.Bad)
            {
                Note(record, columns.Numbers, "The number has characters that cannot be dialled, or is too short or too long; it is left out.", piece, ProblemSeverity.Warning);
            }
            else if (!row.Numbers.Contains(number))
            {
                if (row.Numbers.Count == MaxNumbers)
                {
                    return Reject(record, columns.Numbers, $"The row has more than {MaxNumbers} numbers.", field);
                }

                row.Numbers.Add(number);
                if (quality == NumberQuality.AsWritten)
                {
                    Note(record, columns.Numbers, "The number is in no known numbering plan; it will be dialled as written.", piece, ProblemSeverity.Warning);
                }
            }
        }

        return true;
    }

    private bool ReadPairs(CsvRecordReader record, ReadOnlySpan<char> field, ContactRow row)
    {
        var pairs = new VariablePairs(field);
        while (pairs.MoveNext())
        {
            if (pairs.Name.IsEmpty)
            {
                return Reject(record, columns.Variables, "Variables are written as NAME=value, separated by «;».", pairs.Piece);
            }

            if (!pairs.Value.IsEmpty && !ReadVariable(record, columns.Variables, pairs.Name, pairs.Value, row))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadVariable(CsvRecordReader record, string column, ReadOnlySpan<char> name, ReadOnlySpan<char> text, ContactRow row)
    {
        if (text.Length > MaxValue)
        {
            return Reject(record, column, $"{Short(name)} is longer than {MaxValue} characters.", text);
        }

        var at = spoken.IndexOf(name);
        if (at < 0)
        {
            if (name.Length > MaxVariableName || others.Count == MaxVariables)
            {
                return Reject(record, column, $"A row has at most {MaxVariables} variables, with names of at most {MaxVariableName} characters.", name);
            }

            if (!othersBySpan.Add(name))
            {
                return Reject(record, column, $"{Short(name)} is given twice.", text);
            }

            row.AddVariable(name, text);
            return true;
        }

        if (given[at])
        {
            return Reject(record, column, $"{spoken[at].Name} is given twice.", text);
        }

        if (!values.TryNormalise(spoken[at].Kind, text, value, out var length, out var reason))
        {
            return Reject(record, column, $"{spoken[at].Name} {reason}.", text);
        }

        given[at] = true;
        row.AddVariable(spoken[at].Name, value.AsSpan(0, length));
        return true;
    }

    private bool ReadTimeZone(CsvRecordReader record, int index, ReadOnlySpan<char> field, ContactRow row)
    {
        var id = new string(field);
        if (field.Length > 64 || !TimeZoneInfo.TryFindSystemTimeZoneById(id, out _))
        {
            return Reject(record, columns.HeaderAt(index), "The time zone is unknown; write it like Europe/Moscow.", field);
        }

        row.TimeZone = id;
        return true;
    }

    private string HeaderOf(string variable)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] == ColumnKind.Variable && columns.HeaderAt(i).Equals(variable, StringComparison.OrdinalIgnoreCase))
            {
                return columns.HeaderAt(i);
            }
        }

        return columns.Variables;
    }

    /// <summary>7,95E+10: split at its comma it would become two wrong numbers.</summary>
    private static bool LooksShortened(ReadOnlySpan<char> field) =>
        field.IndexOfAny("EeЕе") is > 0 and var at
        && char.IsAsciiDigit(field[at - 1])
        && at + 1 < field.Length && (field[at + 1] == '+' || char.IsAsciiDigit(field[at + 1]));

    private static string Explain(CsvFault fault) => fault switch
    {
        CsvFault.LoneQuote => "A quote opens here and is not closed as it should be. Double every quote inside a value.",
        CsvFault.TooLong => "The line is longer than a million characters.",
        _ => "The line has more than a thousand values.",
    };

    private bool Reject(CsvRecordReader record, string? column, string reason, ReadOnlySpan<char> found)
    {
        Note(record, column, reason, found, ProblemSeverity.Rejected);
        return false;
    }

    private void Note(CsvRecordReader record, string? column, string reason, ReadOnlySpan<char> found, ProblemSeverity severity) =>
        problems.Add(new ListProblem(record.Line, column, reason, found.IsEmpty ? null : Short(found), severity));

    private static string Short(ReadOnlySpan<char> text)
    {
        var shortened = text.Length <= 100 ? new string(text) : string.Concat(text[..(char.IsHighSurrogate(text[98]) ? 98 : 99)], "…");
        return shortened.Replace('\0', '\u2400');
    }
}
