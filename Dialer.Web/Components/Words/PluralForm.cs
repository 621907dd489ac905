using System.Globalization;

namespace Dialer.Web.Components.Words;

/// <summary>Which form of a noun goes with a whole number: the cardinal rules of CLDR for the languages of the pages.</summary>
public static class PluralForm
{
    /// <summary><c>one</c>, <c>few</c>, <c>many</c> or <c>other</c>.</summary>
    public static string Of(long count, CultureInfo culture)
    {
        var size = Math.Abs(count);
        if (culture.TwoLetterISOLanguageName != "ru")
            return size == 1 ? "one" : "other";
        return (size % 10, size % 100) switch
        {
            (1, not 11) => "one",
            ( >= 2 and <= 4, not (>= 12 and <= 14)) => "few",
            _ => "many",
        };
    }
}
