using Dialer.Grains.Interfaces.DialPlans;
using System.Globalization;

namespace Dialer.Grains.Speech;

/// <summary>Whole and decimal numbers as words.</summary>
public static class SpokenNumber
{
    /// <summary>Decimals beyond these are rounded away: nobody keeps them in mind on the telephone.</summary>
    public const int MostDecimals = 6;

    private const long Largest = 999_999_999_999;

    private static readonly CountedNoun Whole = new(Gender.Feminine, "целая", "целых", "целых");

    private static readonly CountedNoun[] Fractions = new[]
        {
            "десят", "сот", "тысячн", "десятитысячн", "стотысячн", "миллионн",
        }
        .Select(stem => new CountedNoun(Gender.Feminine, stem + "ая", stem + "ых", stem + "ых")).ToArray();

    /// <summary>The words of a whole number.</summary>
    /// <exception cref="SpeechException">It is beyond ±999 999 999 999.</exception>
    public static IReadOnlyList<string> Words(long number, string culture) => Words((decimal)number, culture);

    /// <summary>
    /// The words of a number: «двенадцать целых пять десятых», "twelve point five". Zeros at the end of the decimals are
    /// not spoken; more than <see cref="MostDecimals"/> are rounded half away from zero.
    /// </summary>
    /// <exception cref="SpeechException">Its whole part is beyond ±999 999 999 999.</exception>
    public static IReadOnlyList<string> Words(decimal number, string culture, SignMode sign = SignMode.Say)
    {
        var rounded = decimal.Round(number, MostDecimals, MidpointRounding.AwayFromZero);
        var size = Math.Abs(rounded);
        var whole = decimal.Truncate(size);
        if (whole > Largest)
        {
            throw new SpeechException(SpeechFault.OutOfRange,
                $"The number {FormattableString.Invariant($"{number}")} is larger than 999 999 999 999, the largest that can be spoken.");
        }

        var decimals = (size - whole).ToString("0.######", CultureInfo.InvariantCulture).Skip(2).ToArray();
        var russian = SpokenLanguage.IsRussian(culture);
        var words = new List<string>(16);
        if (rounded < 0 && sign == SignMode.Say)
        {
            words.Add(russian ? "минус" : "minus");
        }

        if (russian)
        {
            AddRussian(words, (long)whole, decimals);
        }
        else
        {
            AddEnglish(words, (long)whole, decimals);
        }

        return words;
    }

    private static void AddRussian(List<string> words, long whole, char[] decimals)
    {
        if (decimals.Length == 0)
        {
            RussianNumber.AddTo(words, whole, Gender.Masculine);
            return;
        }

        RussianNumber.AddTo(words, whole, Whole);
        RussianNumber.AddTo(words, long.Parse(decimals, CultureInfo.InvariantCulture), Fractions[decimals.Length - 1]);
    }

    private static void AddEnglish(List<string> words, long whole, char[] decimals)
    {
        EnglishNumber.AddTo(words, whole);
        if (decimals.Length > 0)
        {
            words.Add("point");
            words.AddRange(decimals.Select(d => EnglishNumber.BelowHundred(d - '0')));
        }
    }
}
