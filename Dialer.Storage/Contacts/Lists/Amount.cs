namespace Dialer.Storage.Contacts.Lists;

/// <summary>Which sign a file writes before the fraction of a number.</summary>
public enum DecimalSign
{
    /// <summary>The file does not show it.</summary>
    Unknown,

    /// <summary><c>68.27</c></summary>
    Point,

    /// <summary><c>68,27</c></summary>
    Comma,
}

/// <summary>
/// Reads amounts as people and office programs write them, by the dialect of the file and never by a culture.
/// </summary>
/// <remarks>
/// Taking <c>1234,56</c> for 123456 announces a debt a hundred times too large. So a value that can be read in two ways,
/// like <c>1,234</c>, is read as the rest of its file is, and refused where the file does not tell.
/// </remarks>
public static class Amount
{
    private const int MaxDigits = 15;

    /// <summary>What a value says about the sign that its file uses; <see cref="DecimalSign.Unknown"/> where it can be both.</summary>
    public static DecimalSign SignOf(ReadOnlySpan<char> value)
    {
        var comma = value.LastIndexOf(',');
        var point = value.LastIndexOf('.');
        if (comma >= 0 && point >= 0)
        {
            return comma > point ? DecimalSign.Comma : DecimalSign.Point;
        }

        var at = Math.Max(comma, point);
        if (at < 0)
        {
            return DecimalSign.Unknown;
        }

        var (own, other) = comma >= 0 ? (DecimalSign.Comma, DecimalSign.Point) : (DecimalSign.Point, DecimalSign.Comma);
        if (value[..at].Contains(value[at]))
        {
            return other;
        }

        var before = value[..at].TrimStart("+-\u2212\u2013");
        var after = value[(at + 1)..].TrimEnd();
        var ambiguous = after.Length == 3 && before.Length is 1 or 2 or 3 && before is not "0";
        return ambiguous ? DecimalSign.Unknown : own;
    }

    /// <summary>Writes an amount in the one form that the rest of the program reads: <c>-1234.56</c>.</summary>
    /// <param name="value">As it stands in the file.</param>
    /// <param name="file">What the rest of the file uses.</param>
    /// <param name="into">At least as long as the value.</param>
    /// <param name="length">How much of it was written.</param>
    /// <param name="reason">What is wrong with it, for a person.</param>
    public static bool TryNormalise(ReadOnlySpan<char> value, DecimalSign file, Span<char> into, out int length, out string reason)
    {
        length = 0;
        value = value.Trim();
        var sign = SignOf(value);
        if (sign == DecimalSign.Unknown)
        {
            sign = file;
            if (sign == DecimalSign.Unknown && value.IndexOfAny(',', '.') >= 0)
            {
                reason = "can be read in two ways, and no other amount of the file shows which: write it with two decimals";
                return false;
            }
        }

        reason = "is not an amount such as -1234.56 or -1 234,56";
        var negative = value is ['-' or '\u2212' or '\u2013', ..];
        if (negative || value is ['+', ..])
        {
            value = value[1..].TrimStart();
        }

        var decimals = sign == DecimalSign.Comma ? ',' : '.';
        var at = value.LastIndexOf(decimals);
        var whole = at < 0 ? value : value[..at];
        var fraction = at < 0 ? [] : value[(at + 1)..];
        into[0] = '-';
        if (!Whole(whole, sign == DecimalSign.Comma ? '.' : ',', into[1..], out var digits)
            || (at >= 0 && fraction.Length is 0 or > MaxDigits)
            || fraction.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        if (digits > MaxDigits)
        {
            reason = "is too large";
            return false;
        }

        length = 1 + digits;
        if (at >= 0)
        {
            into[length++] = '.';
            fraction.CopyTo(into[length..]);
            length += fraction.Length;
        }

        // Nobody owes minus nothing.
        if (!negative || into[1..length].IndexOfAnyInRange('1', '9') < 0)
        {
            into[1..length].CopyTo(into);
            length--;
        }

        return true;
    }

    private static bool Whole(ReadOnlySpan<char> value, char grouping, Span<char> into, out int digits)
    {
        digits = 0;
        var group = 0;
        var grouped = false;
        var any = false;
        var separator = '\0';
        foreach (var c in value)
        {
            if (char.IsAsciiDigit(c))
            {
                any = true;
                group++;
                if (c != '0' || digits > 0)
                {
                    into[digits++] = c;
                }
            }
            else if ((c == grouping || char.IsWhiteSpace(c) || c is '\'' or '\u2019') && (grouped ? group == 3 && c == separator : group is 1 or 2 or 3))
            {
                (grouped, group, separator) = (true, 0, c);
            }
            else
            {
                return false;
            }
        }

        if (!any || (grouped && group != 3))
        {
            return false;
        }

        if (digits == 0)
        {
            into[digits++] = '0';
        }

        return true;
    }
}
