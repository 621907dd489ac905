namespace Dialer.Grains.Speech;

/// <summary>An amount of money as it was written in a list or in an extension.</summary>
public readonly record struct SpokenAmount(decimal Amount, Currency Currency)
{
    /// <summary>
    /// Reads <c>-68.27 rub</c>, <c>-68,27 руб.</c>, <c>1 234,56 ₽</c>, <c>$5</c> or a bare number, by rules that do not
    /// depend on the machine: the last point or comma with one or two digits behind it sets apart the decimals; any
    /// Unicode space or apostrophe may stand between groups of three.
    /// </summary>
    /// <param name="text">The amount, its currency before or behind it.</param>
    /// <param name="culture">Gives the currency of a bare number: rubles for «ru…», dollars otherwise.</param>
    /// <exception cref="SpeechException">It cannot be read, or its currency is not known; says what was found.</exception>
    public static SpokenAmount Parse(string text, string culture)
    {
        var rest = text;
        var minus = WrittenNumber.TakeMinus(ref rest);
        var first = rest.AsSpan().IndexOfAnyInRange('0', '9');
        var last = rest.AsSpan().LastIndexOfAnyInRange('0', '9');
        if (first < 0)
        {
            throw WrittenNumber.Unreadable(text.Trim(), "it has no digits");
        }

        // «.50» without a zero: the point belongs to the number. In «руб.50» it ends the word.
        if (first > 0 && rest[first - 1] is '.' or ',' && (first == 1 || !char.IsLetter(rest[first - 2])))
        {
            first--;
        }

        if (last + 1 < rest.Length && rest[last + 1] is '.' or ',')
        {
            throw WrittenNumber.Unreadable(text.Trim(), $"behind the last «{rest[last + 1]}» stand no digits");
        }

        var before = rest[..first].Trim();
        var behind = rest[(last + 1)..].Trim();
        if (before.Length > 0 && "-−–—".Contains(before[^1], StringComparison.Ordinal) && !minus)
        {
            minus = true;
            before = before[..^1].TrimEnd();
        }

        if (before.Length > 0 && behind.Length > 0)
        {
            throw WrittenNumber.Unreadable(text.Trim(), "there are words on both sides of it");
        }

        var amount = WrittenNumber.Read(rest[first..(last + 1)], mostDecimals: 2);
        return new(minus ? -amount : amount, CurrencyOf(before + behind, culture));
    }

    private static Currency CurrencyOf(string word, string culture)
    {
        if (word.Length == 0)
        {
            return SpokenLanguage.IsRussian(culture) ? Currency.Rub : Currency.Usd;
        }

        return CurrencyNames.TryFind(word, out var currency)
            ? currency
            : throw new SpeechException(SpeechFault.UnknownCurrency,
                $"The currency «{WrittenNumber.Shown(word)}» is not known; rub, usd, eur, uah, kzt and byn are.");
    }
}
