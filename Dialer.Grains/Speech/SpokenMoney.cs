using Dialer.Grains.Interfaces.DialPlans;
namespace Dialer.Grains.Speech;

/// <summary>Amounts of money as the words that a telephone speaks, each of them one clip of a word bank.</summary>
public static class SpokenMoney
{
    /// <summary>The largest amount, of either sign, that can be spoken.</summary>
    public const decimal Largest = 999_999_999_999.99m;

    /// <summary>
    /// The words of an amount: «минус шестьдесят восемь рублей двадцать семь копеек». A whole amount is spoken without
    /// its kopecks («двадцать рублей»), one below a ruble without its rubles («пятьдесят копеек»), zero as «ноль рублей».
    /// More than two decimals are rounded half away from zero; what rounds to zero has no minus.
    /// </summary>
    /// <param name="amount">Up to ±<see cref="Largest"/> after rounding.</param>
    /// <param name="currency">Gives the names of the units and their gender.</param>
    /// <param name="culture">«ru…» is spoken in Russian, everything else in English.</param>
    /// <param name="sign">Whether a negative amount is spoken with a minus.</param>
    /// <exception cref="SpeechException">The amount is larger than <see cref="Largest"/>.</exception>
    public static IReadOnlyList<string> Words(decimal amount, Currency currency, string culture, SignMode sign)
    {
        var names = CurrencyNames.Of(currency);
        var rounded = decimal.Round(amount, 2, MidpointRounding.AwayFromZero);
        var size = Math.Abs(rounded);
        if (size > Largest)
        {
            throw new SpeechException(SpeechFault.OutOfRange,
                $"The amount {FormattableString.Invariant($"{amount}")} is larger than 999 999 999 999.99, the largest that can be spoken.");
        }

        var main = (long)decimal.Truncate(size);
        var part = (long)((size - main) * 100);
        var russian = SpokenLanguage.IsRussian(culture);
        var words = new List<string>(16);
        if (rounded < 0 && sign == SignMode.Say)
        {
            words.Add(russian ? "минус" : "minus");
        }

        if (main > 0 || part == 0)
        {
            Add(words, main, russian, names.Main, names.EnglishMain);
        }

        if (part > 0)
        {
            Add(words, part, russian, names.Part, names.EnglishPart);
        }

        return words;
    }

    private static void Add(List<string> words, long count, bool russian, CountedNoun noun, (string One, string Many) name)
    {
        if (russian)
        {
            RussianNumber.AddTo(words, count, noun);
        }
        else
        {
            EnglishNumber.AddTo(words, count);
            words.Add(count == 1 ? name.One : name.Many);
        }
    }
}
