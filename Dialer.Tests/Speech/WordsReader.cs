namespace Dialer.Tests.Speech;

/// <summary>Reads number words back, by a way of its own: adds up what the words are worth.</summary>
internal static class WordsReader
{
    private static readonly Dictionary<string, long> Values = new(StringComparer.Ordinal)
    {
        ["ноль"] = 0, ["один"] = 1, ["одна"] = 1, ["два"] = 2, ["две"] = 2, ["три"] = 3, ["четыре"] = 4, ["пять"] = 5,
        ["шесть"] = 6, ["семь"] = 7, ["восемь"] = 8, ["девять"] = 9, ["десять"] = 10, ["одиннадцать"] = 11,
        ["двенадцать"] = 12, ["тринадцать"] = 13, ["четырнадцать"] = 14, ["пятнадцать"] = 15, ["шестнадцать"] = 16,
        ["семнадцать"] = 17, ["восемнадцать"] = 18, ["девятнадцать"] = 19, ["двадцать"] = 20, ["тридцать"] = 30,
        ["сорок"] = 40, ["пятьдесят"] = 50, ["шестьдесят"] = 60, ["семьдесят"] = 70, ["восемьдесят"] = 80,
        ["девяносто"] = 90, ["сто"] = 100, ["двести"] = 200, ["триста"] = 300, ["четыреста"] = 400, ["пятьсот"] = 500,
        ["шестьсот"] = 600, ["семьсот"] = 700, ["восемьсот"] = 800, ["девятьсот"] = 900,
        ["zero"] = 0, ["one"] = 1, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7,
        ["eight"] = 8, ["nine"] = 9, ["ten"] = 10, ["eleven"] = 11, ["twelve"] = 12, ["thirteen"] = 13, ["fourteen"] = 14,
        ["fifteen"] = 15, ["sixteen"] = 16, ["seventeen"] = 17, ["eighteen"] = 18, ["nineteen"] = 19, ["twenty"] = 20,
        ["thirty"] = 30, ["forty"] = 40, ["fifty"] = 50, ["sixty"] = 60, ["seventy"] = 70, ["eighty"] = 80, ["ninety"] = 90,
    };

    private static readonly (string Stem, long Size)[] Scales =
    [
        ("тысяч", 1_000), ("миллион", 1_000_000), ("миллиард", 1_000_000_000),
        ("thousand", 1_000), ("million", 1_000_000), ("billion", 1_000_000_000),
    ];

    public static long Read(IEnumerable<string> words)
    {
        long total = 0, group = 0;
        foreach (var word in words.SelectMany(w => w.Split('-')))
        {
            if (word == "hundred")
            {
                group *= 100;
            }
            else if (Values.TryGetValue(word, out var value))
            {
                group += value;
            }
            else
            {
                total += group * Scales.Single(s => word.StartsWith(s.Stem, StringComparison.Ordinal)).Size;
                group = 0;
            }
        }

        return total + group;
    }

    public static bool IsNumber(string word) =>
        word == "hundred" || word.Split('-').All(Values.ContainsKey)
        || Array.Exists(Scales, s => word.StartsWith(s.Stem, StringComparison.Ordinal));
}
