using System.Globalization;
using System.Text;

namespace Dialer.Grains.Speech;

/// <summary>Reads the numbers that people and accounting programs write, by the same rules on every machine.</summary>
internal static class WrittenNumber
{
    // More digits than this are out of every range that can be spoken, and would overflow a decimal.
    private const int MostDigits = 18;

    /// <summary>
    /// The last point or comma with one or two digits behind it (or up to <paramref name="mostDecimals"/>, where three
    /// cannot be taken for a group of thousands) is the decimal separator. In front of it, groups of three may be set
    /// apart by any Unicode space or apostrophe, or by the other one of point and comma.
    /// </summary>
    /// <param name="text">The number without sign and currency.</param>
    /// <param name="mostDecimals">How many decimals are taken.</param>
    /// <exception cref="SpeechException">It cannot be read, or not in one way only.</exception>
    public static decimal Read(string text, int mostDecimals)
    {
        var at = text.LastIndexOfAny(['.', ',']);
        var whole = at < 0 ? text : text[..at];
        var decimals = at < 0 ? "" : text[(at + 1)..];
        if (at >= 0)
        {
            var grouped = decimals.Length == 3 && whole is not ("" or "0");
            if (decimals.Length == 0 || decimals.Length > mostDecimals || grouped || !decimals.All(char.IsAsciiDigit))
            {
                throw Unreadable(text, grouped
                    ? $"the «{text[at]}» could set apart thousands or decimals"
                    : $"behind the last «{text[at]}» stand 1 to {mostDecimals} digits");
            }
        }

        var digits = WholeDigits(text, whole, at < 0 ? '\0' : text[at]);
        if (digits.Length > MostDigits)
        {
            throw new SpeechException(SpeechFault.OutOfRange, $"A number of {digits.Length} digits is too large to be spoken.");
        }

        return decimal.Parse($"{digits}.{decimals}0", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
    }

    /// <summary>Takes the sign from the front: hyphen, minus or dash.</summary>
    public static bool TakeMinus(ref string text)
    {
        text = text.Trim();
        if (text.Length == 0 || !"-−–—+".Contains(text[0], StringComparison.Ordinal))
        {
            return false;
        }

        var minus = text[0] != '+';
        text = text[1..].TrimStart();
        return minus;
    }

    public static SpeechException Unreadable(string text, string why) =>
        new(SpeechFault.Unreadable, $"«{Shown(text)}» is not a number that can be read: {why}. Write it like -1234.56.");

    /// <summary>Enough of a value to find it in a list, never a whole page of it.</summary>
    public static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static string WholeDigits(string text, string whole, char decimalSeparator)
    {
        if (whole.Length == 0 && decimalSeparator != '\0')
        {
            return "0";
        }

        var groups = new List<StringBuilder> { new() };
        var between = '\0';
        foreach (var sign in whole)
        {
            if (char.IsAsciiDigit(sign))
            {
                groups[^1].Append(sign);
                continue;
            }

            // All kinds of space and apostrophe count as one separator; a point or comma is one of its own.
            var kind = char.IsWhiteSpace(sign) || "'’ʼ`".Contains(sign, StringComparison.Ordinal) ? ' ' : sign;
            if (kind is not (' ' or '.' or ',') || kind == decimalSeparator || (between != '\0' && between != kind))
            {
                throw Unreadable(text, $"«{sign}» does not belong into it");
            }

            between = kind;
            groups.Add(new());
        }

        var wellGrouped = groups.Count == 1
            ? groups[0].Length > 0
            : groups[0].Length is >= 1 and <= 3 && groups.Skip(1).All(g => g.Length == 3);
        return wellGrouped
            ? string.Concat(groups)
            : throw Unreadable(text, groups.Count == 1 ? "it has no digits" : "its groups are not of three digits");
    }
}
