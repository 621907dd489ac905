namespace Dialer.Grains.Speech;

/// <summary>The Russian ordinal numbers that a date needs: days (первое) and years (шестого).</summary>
internal static class RussianOrdinal
{
    private static readonly string[] Days =
    [
        "", "первое", "второе", "третье", "четвёртое", "пятое", "шестое", "седьмое", "восьмое", "девятое", "десятое",
        "одиннадцатое", "двенадцатое", "тринадцатое", "четырнадцатое", "пятнадцатое", "шестнадцатое", "семнадцатое",
        "восемнадцатое", "девятнадцатое",
    ];

    private static readonly string[] SmallGenitive =
    [
        "", "первого", "второго", "третьего", "четвёртого", "пятого", "шестого", "седьмого", "восьмого", "девятого",
        "десятого", "одиннадцатого", "двенадцатого", "тринадцатого", "четырнадцатого", "пятнадцатого", "шестнадцатого",
        "семнадцатого", "восемнадцатого", "девятнадцатого",
    ];

    private static readonly string[] TensGenitive =
    [
        "", "", "двадцатого", "тридцатого", "сорокового", "пятидесятого", "шестидесятого", "семидесятого",
        "восьмидесятого", "девяностого",
    ];

    // What stands before «сотого» and «тысячного»: двухсотого, пятитысячного; nothing before one hundred or thousand.
    private static readonly string[] Multiples =
        ["", "", "двух", "трёх", "четырёх", "пяти", "шести", "семи", "восьми", "девяти"];

    /// <summary>1 … 31: первое, двадцать первое, тридцатое.</summary>
    public static void AddDay(List<string> words, int day)
    {
        if (day >= 20 && day % 10 > 0)
        {
            words.Add(RussianNumber.Ten(day / 10));
        }

        words.Add(day switch
        {
            < 20 => Days[day],
            20 => "двадцатое",
            30 => "тридцатое",
            _ => Days[day % 10],
        });
    }

    /// <summary>1 … 9999 in the genitive: only the last word is an ordinal (две тысячи двадцать шестого).</summary>
    public static void AddYear(List<string> words, int year)
    {
        var (thousands, rest) = Math.DivRem(year, 1000);
        if (rest == 0)
        {
            words.Add(Multiples[thousands] + "тысячного");
            return;
        }

        switch (thousands)
        {
            case 0:
                break;
            case 1:
                words.Add("тысяча");
                break;
            default:
                RussianNumber.AddTo(words, thousands * 1000L, Gender.Masculine);
                break;
        }

        var (hundreds, last) = Math.DivRem(rest, 100);
        if (last == 0)
        {
            words.Add(Multiples[hundreds] + "сотого");
            return;
        }

        if (hundreds > 0)
        {
            words.Add(RussianNumber.Hundred(hundreds));
        }

        if (last >= 20 && last % 10 > 0)
        {
            words.Add(RussianNumber.Ten(last / 10));
            last %= 10;
        }

        words.Add(last < 20 ? SmallGenitive[last] : TensGenitive[last / 10]);
    }
}
