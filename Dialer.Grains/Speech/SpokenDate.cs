namespace Dialer.Grains.Speech;

/// <summary>Calendar dates as words.</summary>
public static class SpokenDate
{
    private static readonly string[] RussianMonths =
    [
        "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
        "декабря",
    ];

    private static readonly string[] EnglishMonths =
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ];

    /// <summary>
    /// «двадцать первое марта две тысячи двадцать шестого года»; "march twenty-first two thousand twenty-six". English
    /// years 1100 … 1999 are read in pairs (nineteen ninety-nine), all others as numbers.
    /// </summary>
    public static IReadOnlyList<string> Words(DateOnly date, string culture)
    {
        var words = new List<string>(10);
        if (SpokenLanguage.IsRussian(culture))
        {
            RussianOrdinal.AddDay(words, date.Day);
            words.Add(RussianMonths[date.Month - 1]);
            RussianOrdinal.AddYear(words, date.Year);
            words.Add("года");
        }
        else
        {
            words.Add(EnglishMonths[date.Month - 1]);
            words.Add(EnglishNumber.Day(date.Day));
            AddEnglishYear(words, date.Year);
        }

        return words;
    }

    private static void AddEnglishYear(List<string> words, int year)
    {
        if (year is < 1100 or >= 2000)
        {
            EnglishNumber.AddTo(words, year);
            return;
        }

        words.Add(EnglishNumber.BelowHundred(year / 100));
        var last = year % 100;
        if (last is > 0 and < 10)
        {
            words.Add("oh");
        }

        words.Add(last == 0 ? "hundred" : EnglishNumber.BelowHundred(last));
    }
}
