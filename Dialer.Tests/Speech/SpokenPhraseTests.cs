using Dialer.Grains.Interfaces.DialPlans;
using System.Globalization;
using Dialer.Grains.Speech;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class SpokenPhraseTests
{
    private const string Russian = "ru-RU";
    private const string English = "en-US";

    public static IEnumerable<TheoryDataRow<string, string, string>> Money() =>
        Rows(RussianPhrases.Money, Russian).Concat(Rows(EnglishPhrases.Money, English));

    public static IEnumerable<TheoryDataRow<string, string, string>> Numbers() =>
        Rows(RussianPhrases.Numbers, Russian).Concat(Rows(EnglishPhrases.Numbers, English));

    public static IEnumerable<TheoryDataRow<string, string, string>> Dates() =>
        Rows(RussianPhrases.Dates, Russian).Concat(Rows(EnglishPhrases.Dates, English));

    public static IEnumerable<TheoryDataRow<string, string, string>> Times() =>
        Rows(RussianPhrases.Times, Russian).Concat(Rows(EnglishPhrases.Times, English));

    public static IEnumerable<TheoryDataRow<string, string, string>> Digits() =>
        Rows(RussianPhrases.Digits, Russian).Concat(Rows(EnglishPhrases.Digits, English));

    [Theory]
    [MemberData(nameof(Money))]
    public void An_amount_is_said_as_a_person_would_say_it(string culture, string written, string expected)
    {
        var parts = written.Split(' ');
        var amount = decimal.Parse(parts[0], CultureInfo.InvariantCulture);
        var currency = Enum.Parse<Currency>(parts[1], ignoreCase: true);
        Assert.Equal(expected, Said(SpokenMoney.Words(amount, currency, culture, SignMode.Say)));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_is_said_as_a_person_would_say_it(string culture, string written, string expected) =>
        Assert.Equal(expected, Said(SpokenNumber.Words(decimal.Parse(written, CultureInfo.InvariantCulture), culture)));

    [Theory]
    [MemberData(nameof(Dates))]
    public void A_date_is_said_as_a_person_would_say_it(string culture, string written, string expected) =>
        Assert.Equal(expected, Said(SpokenDate.Words(DateOnly.ParseExact(written, "yyyy-MM-dd", CultureInfo.InvariantCulture), culture)));

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_is_said_as_a_person_would_say_it(string culture, string written, string expected) =>
        Assert.Equal(expected, Said(SpokenTime.Words(TimeOnly.ParseExact(written, "HH:mm", CultureInfo.InvariantCulture), culture)));

    [Theory]
    [MemberData(nameof(Digits))]
    public void A_code_is_said_sign_by_sign(string culture, string written, string expected) =>
        Assert.Equal(expected, Said(SpokenDigits.Words(written, culture)));

    [Fact]
    public void A_debt_can_be_said_without_its_minus() =>
        Assert.Equal("шестьдесят восемь рублей двадцать семь копеек",
            Said(SpokenMoney.Words(-68.27m, Currency.Rub, Russian, SignMode.Drop)));

    [Theory]
    [InlineData("1000000000000")]
    [InlineData("-1000000000000")]
    [InlineData("999999999999.995")]
    [InlineData("79228162514264337593543950335")]
    public void An_amount_beyond_twelve_digits_is_refused(string written)
    {
        var amount = decimal.Parse(written, CultureInfo.InvariantCulture);
        var refused = Assert.Throws<SpeechException>(() => SpokenMoney.Words(amount, Currency.Rub, Russian, SignMode.Say));
        Assert.Equal(SpeechFault.OutOfRange, refused.Fault);
        Assert.Contains(written, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" - ")]
    [InlineData("12@4")]
    [InlineData("٣")]
    public void A_code_without_anything_to_say_is_refused(string code) =>
        Assert.Equal(SpeechFault.Unreadable, Assert.Throws<SpeechException>(() => SpokenDigits.Words(code, Russian)).Fault);

    [Theory]
    [InlineData("ru", "один")]
    [InlineData("RU-ru", "один")]
    [InlineData("rue", "one")]
    [InlineData("de-DE", "one")]
    public void What_is_not_russian_is_said_in_english(string culture, string expected) =>
        Assert.Equal([expected], SpokenNumber.Words(1L, culture));

    [Fact]
    public void The_tables_hold_more_than_two_hundred_phrases() =>
        Assert.True(Money().Concat(Numbers()).Concat(Dates()).Concat(Times()).Concat(Digits()).Count() > 200);

    private static string Said(IReadOnlyList<string> words) => string.Join(' ', words);

    private static IEnumerable<TheoryDataRow<string, string, string>> Rows(string table, string culture) =>
        from line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        where !line.StartsWith("# ", StringComparison.Ordinal)
        let parts = line.Split(" = ")
        select new TheoryDataRow<string, string, string>(culture, parts[0], parts[1]);
}
