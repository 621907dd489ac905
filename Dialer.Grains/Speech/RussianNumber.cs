namespace Dialer.Grains.Speech;

/// <summary>The grammatical gender that a Russian number takes from the noun behind it.</summary>
internal enum Gender
{
    Masculine,
    Feminine,
}

/// <summary>A Russian noun as it stands after 1 (рубль), after 2–4 (рубля) and after 5 (рублей).</summary>
internal sealed record CountedNoun(Gender Gender, string One, string Few, string Many)
{
    /// <summary>The form after <paramref name="count"/>: its last two digits decide (11–14 are «many»).</summary>
    public string After(long count) => (count % 100, count % 10) switch
    {
        ( >= 11 and <= 14, _) => Many,
        (_, 1) => One,
        (_, >= 2 and <= 4) => Few,
        _ => Many,
    };
}

/// <summary>Russian cardinal numbers.</summary>
internal static class RussianNumber
{
    private static readonly string[] Small =
    [
        "ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать",
        "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать",
        "девятнадцать",
    ];

    private static readonly string[] Tens =
    [
        "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто",
    ];

    private static readonly string[] Hundreds =
    [
        "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
    ];

    private static readonly (long Size, CountedNoun Noun)[] Scales =
    [
        (1_000_000_000, new(Gender.Masculine, "миллиард", "миллиарда", "миллиардов")),
        (1_000_000, new(Gender.Masculine, "миллион", "миллиона", "миллионов")),
        (1_000, new(Gender.Feminine, "тысяча", "тысячи", "тысяч")),
    ];

    /// <summary>Adds 0 … 999 999 999 999. A thousand is «одна тысяча», as amounts are read out by banks.</summary>
    public static void AddTo(List<string> words, long number, Gender gender)
    {
        if (number == 0)
        {
            words.Add(Small[0]);
            return;
        }

        foreach (var (size, noun) in Scales)
        {
            var count = number / size;
            number %= size;
            if (count > 0)
            {
                AddBelowThousand(words, (int)count, noun.Gender);
                words.Add(noun.After(count));
            }
        }

        AddBelowThousand(words, (int)number, gender);
    }

    /// <summary>Adds the number and the noun behind it in the form that the number asks for.</summary>
    public static void AddTo(List<string> words, long number, CountedNoun noun)
    {
        AddTo(words, number, noun.Gender);
        words.Add(noun.After(number));
    }

    public static string Hundred(int hundreds) => Hundreds[hundreds];

    public static string Ten(int tens) => Tens[tens];

    private static void AddBelowThousand(List<string> words, int number, Gender gender)
    {
        if (number >= 100)
        {
            words.Add(Hundreds[number / 100]);
            number %= 100;
        }

        if (number >= 20)
        {
            words.Add(Tens[number / 10]);
            number %= 10;
        }

        if (number > 0)
        {
            words.Add((number, gender) switch
            {
                (1, Gender.Feminine) => "одна",
                (2, Gender.Feminine) => "две",
                _ => Small[number],
            });
        }
    }
}
