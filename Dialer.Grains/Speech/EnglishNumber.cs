namespace Dialer.Grains.Speech;

/// <summary>English cardinal and ordinal numbers, without «and»; 21 … 99 are one word with a hyphen.</summary>
internal static class EnglishNumber
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens =
        ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] SmallOrdinals =
    [
        "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    ];

    private static readonly (long Size, string Name)[] Scales =
        [(1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand")];

    /// <summary>Adds 0 … 999 999 999 999.</summary>
    public static void AddTo(List<string> words, long number)
    {
        if (number == 0)
        {
            words.Add(Small[0]);
            return;
        }

        foreach (var (size, name) in Scales)
        {
            var count = number / size;
            number %= size;
            if (count > 0)
            {
                AddBelowThousand(words, (int)count);
                words.Add(name);
            }
        }

        AddBelowThousand(words, (int)number);
    }

    /// <summary>0 … 99 as one word.</summary>
    public static string BelowHundred(int number) => number switch
    {
        < 20 => Small[number],
        _ when number % 10 == 0 => Tens[number / 10],
        _ => $"{Tens[number / 10]}-{Small[number % 10]}",
    };

    /// <summary>The day of a month, 1 … 31, as an ordinal.</summary>
    public static string Day(int number) => number switch
    {
        < 20 => SmallOrdinals[number],
        20 => "twentieth",
        30 => "thirtieth",
        _ => $"{Tens[number / 10]}-{SmallOrdinals[number % 10]}",
    };

    private static void AddBelowThousand(List<string> words, int number)
    {
        if (number >= 100)
        {
            words.Add(Small[number / 100]);
            words.Add("hundred");
            number %= 100;
        }

        if (number > 0)
        {
            words.Add(BelowHundred(number));
        }
    }
}
