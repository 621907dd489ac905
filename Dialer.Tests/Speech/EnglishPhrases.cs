namespace Dialer.Tests.Speech;

/// <summary>What must be said in English, written down by hand. Each line: amount, currency, words.</summary>
internal static class EnglishPhrases
{
    public const string Money = """
        # zero, and what rounds to it, has no minus
        0 usd = zero dollars
        -0.00 rub = zero rubles
        -0.004 eur = zero euros
        0 uah = zero hryvnias
        0 kzt = zero tenge
        0 byn = zero rubles
        # one and many
        -68.27 rub = minus sixty-eight rubles twenty-seven kopecks
        1 usd = one dollar
        1.01 usd = one dollar one cent
        2.02 usd = two dollars two cents
        5 usd = five dollars
        10 usd = ten dollars
        11 usd = eleven dollars
        12 usd = twelve dollars
        13 usd = thirteen dollars
        14 usd = fourteen dollars
        15 usd = fifteen dollars
        16 usd = sixteen dollars
        17 usd = seventeen dollars
        18 usd = eighteen dollars
        19 usd = nineteen dollars
        20 usd = twenty dollars
        21.21 usd = twenty-one dollars twenty-one cents
        32 usd = thirty-two dollars
        40 usd = forty dollars
        43 usd = forty-three dollars
        54 usd = fifty-four dollars
        65 usd = sixty-five dollars
        76 usd = seventy-six dollars
        87 usd = eighty-seven dollars
        98 usd = ninety-eight dollars
        # hundreds and thousands, without «and»
        100 usd = one hundred dollars
        101 usd = one hundred one dollars
        111.11 usd = one hundred eleven dollars eleven cents
        999 usd = nine hundred ninety-nine dollars
        1000 usd = one thousand dollars
        1001 usd = one thousand one dollars
        2000 usd = two thousand dollars
        21000 usd = twenty-one thousand dollars
        100000 usd = one hundred thousand dollars
        1000000 usd = one million dollars
        1000001 usd = one million one dollars
        2002002 usd = two million two thousand two dollars
        1000000000 usd = one billion dollars
        123456789012.34 usd = one hundred twenty-three billion four hundred fifty-six million seven hundred eighty-nine thousand twelve dollars thirty-four cents
        -999999999999.99 usd = minus nine hundred ninety-nine billion nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine dollars ninety-nine cents
        # below one
        0.01 usd = one cent
        0.50 usd = fifty cents
        -0.05 usd = minus five cents
        0.005 usd = one cent
        1.995 usd = two dollars
        # other currencies
        1 rub = one ruble
        1.01 rub = one ruble one kopeck
        0.02 rub = two kopecks
        1 eur = one euro
        2.01 eur = two euros one cent
        1.01 uah = one hryvnia one kopiyka
        2.02 uah = two hryvnias two kopiykas
        1.01 kzt = one tenge one tiyn
        5.05 kzt = five tenge five tiyn
        1.01 byn = one ruble one kopeck
        7.10 byn = seven rubles ten kopecks
        """;

    public const string Numbers = """
        0 = zero
        1 = one
        -21 = minus twenty-one
        115 = one hundred fifteen
        1000 = one thousand
        1000001 = one million one
        12.5 = twelve point five
        0.05 = zero point zero five
        -3.14 = minus three point one four
        2.50 = two point five
        100.000001 = one hundred point zero zero zero zero zero one
        """;

    public const string Dates = """
        2026-03-21 = march twenty-first two thousand twenty-six
        2000-01-01 = january first two thousand
        2001-02-02 = february second two thousand one
        1999-12-31 = december thirty-first nineteen ninety-nine
        1900-04-03 = april third nineteen hundred
        1905-05-12 = may twelfth nineteen oh five
        2010-06-20 = june twentieth two thousand ten
        1812-07-30 = july thirtieth eighteen twelve
        1066-10-14 = october fourteenth one thousand sixty-six
        2100-08-22 = august twenty-second two thousand one hundred
        2024-09-23 = september twenty-third two thousand twenty-four
        2025-11-05 = november fifth two thousand twenty-five
        # every day of a month that is not above
        2026-01-04 = january fourth two thousand twenty-six
        2026-01-06 = january sixth two thousand twenty-six
        2026-01-07 = january seventh two thousand twenty-six
        2026-01-08 = january eighth two thousand twenty-six
        2026-01-09 = january ninth two thousand twenty-six
        2026-01-10 = january tenth two thousand twenty-six
        2026-01-11 = january eleventh two thousand twenty-six
        2026-01-13 = january thirteenth two thousand twenty-six
        2026-01-15 = january fifteenth two thousand twenty-six
        2026-01-16 = january sixteenth two thousand twenty-six
        2026-01-17 = january seventeenth two thousand twenty-six
        2026-01-18 = january eighteenth two thousand twenty-six
        2026-01-19 = january nineteenth two thousand twenty-six
        2026-01-24 = january twenty-fourth two thousand twenty-six
        2026-01-29 = january twenty-ninth two thousand twenty-six
        # years at the edges of how they are said
        1910-01-01 = january first nineteen ten
        1100-01-01 = january first eleven hundred
        """;

    public const string Times = """
        14:05 = two oh five p m
        00:00 = midnight
        12:00 = noon
        00:30 = twelve thirty a m
        12:01 = twelve oh one p m
        09:00 = nine a m
        11:59 = eleven fifty-nine a m
        13:00 = one p m
        23:21 = eleven twenty-one p m
        """;

    public const string Digits = """
        007 = zero zero seven
        +1-800 = plus one eight zero zero
        a1b2 = A one B two
        9*# = nine star hash
        mz = M Z
        """;
}
