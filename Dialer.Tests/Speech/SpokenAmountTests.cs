using Dialer.Grains.Interfaces.DialPlans;
using System.Globalization;
using Dialer.Grains.Speech;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class SpokenAmountTests
{
    [Theory]
    [InlineData("-68.27 rub", "-68.27", Currency.Rub)]
    [InlineData("-68,27 rub", "-68.27", Currency.Rub)]
    [InlineData("−68,27 руб.", "-68.27", Currency.Rub)]
    [InlineData("  - 5 RUB ", "-5", Currency.Rub)]
    [InlineData("+5₽", "5", Currency.Rub)]
    [InlineData("1 234,56 руб", "1234.56", Currency.Rub)]
    [InlineData("1\u00a0234\u202f567,8 рублей", "1234567.8", Currency.Rub)]
    [InlineData("1'234.56 $", "1234.56", Currency.Usd)]
    [InlineData("1,234.56 usd", "1234.56", Currency.Usd)]
    [InlineData("1.234,56 EUR", "1234.56", Currency.Eur)]
    [InlineData("1.234.567,8 €", "1234567.8", Currency.Eur)]
    [InlineData("$5", "5", Currency.Usd)]
    [InlineData("-$5.5", "-5.5", Currency.Usd)]
    [InlineData("$-5.5", "-5.5", Currency.Usd)]
    [InlineData("₴ 12", "12", Currency.Uah)]
    [InlineData("12 ₸", "12", Currency.Kzt)]
    [InlineData("12 byn", "12", Currency.Byn)]
    [InlineData(".5 eur", "0.5", Currency.Eur)]
    [InlineData("-,5 eur", "-0.5", Currency.Eur)]
    [InlineData("0", "0", Currency.Rub)]
    [InlineData("007", "7", Currency.Rub)]
    [InlineData("68.27", "68.27", Currency.Rub)]
    public void An_amount_is_read_however_it_is_written(string text, string amount, Currency currency) =>
        Assert.Equal(new(decimal.Parse(amount, CultureInfo.InvariantCulture), currency), SpokenAmount.Parse(text, "ru-RU"));

    [Theory]
    [InlineData(Currency.Rub, "rub rur руб р рубль рубля рублей ruble rubles ₽")]
    [InlineData(Currency.Usd, "usd $ dollar dollars доллар доллара долларов")]
    [InlineData(Currency.Eur, "eur € euro euros евро")]
    [InlineData(Currency.Uah, "uah ₴ грн гривна гривны гривен")]
    [InlineData(Currency.Kzt, "kzt ₸ тг тенге tenge")]
    [InlineData(Currency.Byn, "byn BYN")]
    public void A_currency_is_read_however_it_is_written(Currency currency, string words) =>
        Assert.All(words.Split(' '), word => Assert.Equal(new(5, currency), SpokenAmount.Parse($"5 {word}", "ru-RU")));

    [Fact]
    public void A_bare_number_outside_russian_is_in_dollars() =>
        Assert.Equal(new(68.27m, Currency.Usd), SpokenAmount.Parse("68.27", "en-US"));

    [Theory]
    [InlineData("", "no digits")]
    [InlineData("rub", "no digits")]
    [InlineData("N/A", "N/A")]
    [InlineData("1.234", "thousands or decimals")]
    [InlineData("1,234 rub", "thousands or decimals")]
    [InlineData("1.2345", "1 to 2 digits")]
    [InlineData("1234,", "stand no digits")]
    [InlineData("1234. rub", "stand no digits")]
    [InlineData("12 34", "groups are not of three")]
    [InlineData("1 2345,00", "groups are not of three")]
    [InlineData("1,23,456.00", "groups are not of three")]
    [InlineData("1 234'567.00.1", "does not belong")]
    [InlineData("1.234.56", "does not belong")]
    [InlineData("12-34", "does not belong")]
    [InlineData("68 руб 27 коп", "does not belong")]
    [InlineData("$5 rub", "both sides")]
    [InlineData("٦٨", "no digits")]
    public void What_is_not_an_amount_is_refused_with_what_was_found(string text, string why)
    {
        var refused = Assert.Throws<SpeechException>(() => SpokenAmount.Parse(text, "ru-RU"));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(SpeechFault.Unreadable, refused.Fault);
    }

    [Theory]
    [InlineData("12 gbp")]
    [InlineData("12 рубл")]
    [InlineData("--5")]
    public void A_currency_that_is_not_known_is_named(string text)
    {
        var refused = Assert.Throws<SpeechException>(() => SpokenAmount.Parse(text, "ru-RU"));
        Assert.True(refused.Fault is SpeechFault.UnknownCurrency or SpeechFault.Unreadable);
        Assert.Contains("«", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_many_digits_is_out_of_range_not_an_overflow() =>
        Assert.Equal(SpeechFault.OutOfRange,
            Assert.Throws<SpeechException>(() => SpokenAmount.Parse(new string('9', 40), "ru")).Fault);

    [Theory]
    [InlineData("de-DE")]
    [InlineData("ru-RU")]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    public void The_culture_of_the_machine_changes_nothing(string machine)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(machine);
            var (amount, currency) = SpokenAmount.Parse("-1 234.56 rub", "ru");
            Assert.Equal("минус одна тысяча двести тридцать четыре рубля пятьдесят шесть копеек",
                string.Join(' ', SpokenMoney.Words(amount, currency, "ru", SignMode.Say)));
            Assert.Equal("двенадцать целых пять десятых", string.Join(' ', SpokenNumber.Words(12.5m, "ru")));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
