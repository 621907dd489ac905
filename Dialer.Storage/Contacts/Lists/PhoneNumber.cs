using PhoneNumbers;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>What became of a number as it stood in a list.</summary>
public enum NumberQuality
{
    /// <summary>It is none, and never reaches a dial string.</summary>
    Bad,

    /// <summary>Digits that no numbering plan knows: dialled as written.</summary>
    AsWritten,

    /// <summary>A telephone number, now in E.164.</summary>
    Recognised,
}

/// <summary>Turns a number as people write it into what is dialled.</summary>
/// <param name="region">ISO 3166 code of the country that numbers without a country code belong to, such as <c>RU</c>.</param>
public sealed class PhoneNumber(string region)
{
    /// <summary>No network has longer numbers, prefixes and codes included.</summary>
    public const int MaxLength = 32;

    private static readonly PhoneNumberUtil Plans = PhoneNumberUtil.GetInstance();

    private readonly bool russian = region == "RU";

    /// <summary>Normalises one number.</summary>
    /// <param name="written">As it stands in the file.</param>
    /// <param name="number">What is dialled; empty for a bad one.</param>
    public NumberQuality Normalise(ReadOnlySpan<char> written, out string number)
    {
        number = "";
        Span<char> kept = stackalloc char[MaxLength];
        var length = 0;
        written = WithoutFraction(written);
        foreach (var c in written)
        {
            if (char.IsWhiteSpace(c) || c is '(' or ')' or '-' or '.' or '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2212')
            {
                continue;
            }

            if (length == MaxLength || !(char.IsAsciiDigit(c) || c is '*' or '#' || (c == '+' && length == 0)))
            {
                return NumberQuality.Bad;
            }

            kept[length++] = c;
        }

        var dialled = kept[..length];
        if (dialled.Count('+') + 2 > length)
        {
            return NumberQuality.Bad;
        }

        if (russian && IsPlainRussianMobile(dialled))
        {
            number = string.Concat("+7", dialled[^10..]);
            return NumberQuality.Recognised;
        }

        number = new string(dialled);
        if (dialled.IndexOfAny('*', '#') >= 0)
        {
            return NumberQuality.AsWritten;
        }

        try
        {
            var parsed = Plans.Parse(number, region);
            if (Plans.IsValidNumber(parsed))
            {
                number = Plans.Format(parsed, PhoneNumberFormat.E164);
                return NumberQuality.Recognised;
            }
        }
        catch (NumberParseException)
        {
            // Too short or too long for any plan: a number of the office's own exchange, perhaps.
        }

        return NumberQuality.AsWritten;
    }

    /// <summary>
    /// The common case, ten times as fast as asking the numbering plans: 9xx xxx-xx-xx behind +7, 8, 7 or nothing.
    /// </summary>
    /// <remarks>A test compares it with libphonenumber over every code, so that an update of the plans cannot part them.</remarks>
    private static bool IsPlainRussianMobile(ReadOnlySpan<char> number) => number switch
    {
        ['9', ..] => number.Length == 10,
        ['7' or '8', '9', ..] => number.Length == 11,
        ['+', '7', '9', ..] => number.Length == 12,
        _ => false,
    }
    && number[1..].IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Programs that take numbers for amounts write 79161234567.0.</summary>
    private static ReadOnlySpan<char> WithoutFraction(ReadOnlySpan<char> written)
    {
        var trimmed = written.Trim();
        return trimmed.Length > 12 && trimmed.EndsWith(".0") && trimmed[..^2].IndexOfAnyExceptInRange('0', '9') < 0 ? trimmed[..^2] : trimmed;
    }
}
