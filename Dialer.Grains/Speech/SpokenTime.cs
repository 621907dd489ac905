namespace Dialer.Grains.Speech;

/// <summary>Times of day as words, to the minute: seconds are not spoken.</summary>
public static class SpokenTime
{
    private static readonly CountedNoun Hour = new(Gender.Masculine, "час", "часа", "часов");
    private static readonly CountedNoun Minute = new(Gender.Feminine, "минута", "минуты", "минут");

    /// <summary>
    /// «четырнадцать часов пять минут», on the hour «четырнадцать часов»; in English by the twelve-hour clock
    /// ("two oh five p m"), where 00:00 is "midnight" and 12:00 is "noon".
    /// </summary>
    public static IReadOnlyList<string> Words(TimeOnly time, string culture)
    {
        var words = new List<string>(6);
        if (SpokenLanguage.IsRussian(culture))
        {
            RussianNumber.AddTo(words, time.Hour, Hour);
            if (time.Minute > 0)
            {
                RussianNumber.AddTo(words, time.Minute, Minute);
            }
        }
        else
        {
            AddEnglish(words, time);
        }

        return words;
    }

    private static void AddEnglish(List<string> words, TimeOnly time)
    {
        if (time.Minute == 0 && time.Hour % 12 == 0)
        {
            words.Add(time.Hour == 0 ? "midnight" : "noon");
            return;
        }

        words.Add(EnglishNumber.BelowHundred((time.Hour + 11) % 12 + 1));
        if (time.Minute > 0)
        {
            if (time.Minute < 10)
            {
                words.Add("oh");
            }

            words.Add(EnglishNumber.BelowHundred(time.Minute));
        }

        words.Add(time.Hour < 12 ? "a m" : "p m");
    }
}
