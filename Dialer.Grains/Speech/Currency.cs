namespace Dialer.Grains.Speech;

/// <summary>The currencies whose names can be spoken, by ISO 4217 code.</summary>
public enum Currency
{
    Rub,
    Usd,
    Eur,
    Uah,
    Kzt,
    Byn,
}

/// <summary>How a currency is spoken, and how it is written in a list.</summary>
internal sealed record CurrencyNames(
    CountedNoun Main,
    CountedNoun Part,
    (string One, string Many) EnglishMain,
    (string One, string Many) EnglishPart,
    string[] Written)
{
    private static readonly CountedNoun Ruble = new(Gender.Masculine, "рубль", "рубля", "рублей");
    private static readonly CountedNoun Kopeck = new(Gender.Feminine, "копейка", "копейки", "копеек");
    private static readonly CountedNoun Cent = new(Gender.Masculine, "цент", "цента", "центов");

    private static readonly Dictionary<Currency, CurrencyNames> All = new()
    {
        [Currency.Rub] = new(Ruble, Kopeck, ("ruble", "rubles"), ("kopeck", "kopecks"),
            ["rub", "rur", "руб", "р", "рубль", "рубля", "рублей", "ruble", "rubles", "₽"]),
        [Currency.Usd] = new(new(Gender.Masculine, "доллар", "доллара", "долларов"), Cent,
            ("dollar", "dollars"), ("cent", "cents"), ["usd", "$", "dollar", "dollars", "доллар", "доллара", "долларов"]),
        [Currency.Eur] = new(new(Gender.Masculine, "евро", "евро", "евро"), Cent,
            ("euro", "euros"), ("cent", "cents"), ["eur", "€", "euro", "euros", "евро"]),
        [Currency.Uah] = new(new(Gender.Feminine, "гривна", "гривны", "гривен"), Kopeck,
            ("hryvnia", "hryvnias"), ("kopiyka", "kopiykas"), ["uah", "₴", "грн", "гривна", "гривны", "гривен"]),
        [Currency.Kzt] = new(new(Gender.Masculine, "тенге", "тенге", "тенге"),
            new(Gender.Masculine, "тиын", "тиына", "тиынов"), ("tenge", "tenge"), ("tiyn", "tiyn"),
            ["kzt", "₸", "тг", "тенге", "tenge"]),
        [Currency.Byn] = new(Ruble, Kopeck, ("ruble", "rubles"), ("kopeck", "kopecks"), ["byn"]),
    };

    private static readonly Dictionary<string, Currency> ByWord = All
        .SelectMany(c => c.Value.Written.Select(word => (word, c.Key)))
        .ToDictionary(p => p.word, p => p.Key, StringComparer.OrdinalIgnoreCase);

    public static CurrencyNames Of(Currency currency) =>
        All.TryGetValue(currency, out var names)
            ? names
            : throw new ArgumentOutOfRangeException(nameof(currency), currency, "This currency has no spoken names.");

    public static bool TryFind(string word, out Currency currency) => ByWord.TryGetValue(word.TrimEnd('.'), out currency);
}
