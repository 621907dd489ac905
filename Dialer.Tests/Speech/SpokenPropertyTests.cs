using Dialer.Grains.Interfaces.DialPlans;
using CsCheck;
using Dialer.Grains.Speech;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class SpokenPropertyTests
{
    private const long Largest = 999_999_999_999;

    private static readonly Gen<string> Culture = Gen.OneOf("ru-RU", "en-US");

    // As many small numbers as large ones, and many zeros inside: that is where languages are difficult.
    private static readonly Gen<long> Whole = Gen.OneOf(
        Gen.Long[0, 2_000], Gen.Long[0, Largest],
        Gen.Select(Gen.Long[0, 999], Gen.OneOf(1L, 1_000L, 1_000_000L, 1_000_000_000L), Gen.Long[0, 999], (a, scale, b) =>
            Math.Min(Largest, a * scale + b)));

    private static readonly Gen<decimal> Amount =
        Gen.Select(Whole, Gen.Int[0, 99], Gen.Bool, (main, part, minus) => (minus ? -1 : 1) * (main + part / 100m));

    private static readonly Gen<Currency> AnyCurrency = Gen.OneOf(Enum.GetValues<Currency>());

    [Fact]
    public void The_words_of_a_whole_number_read_back_as_the_number() =>
        Gen.Select(Whole, Culture).Sample((number, culture) =>
            Assert.Equal(number, WordsReader.Read(SpokenNumber.Words(number, culture))), iter: Cases.Of(5_000));

    [Fact]
    public void The_words_of_an_amount_read_back_as_the_amount() =>
        Gen.Select(Amount, AnyCurrency, Culture).Sample((amount, currency, culture) =>
        {
            var words = SpokenMoney.Words(amount, currency, culture, SignMode.Drop);
            var size = Math.Abs(amount);
            var numbers = new List<long>();
            var number = new List<string>();
            foreach (var word in words)
            {
                if (WordsReader.IsNumber(word))
                {
                    number.Add(word);
                }
                else
                {
                    numbers.Add(WordsReader.Read(number));
                    number.Clear();
                }
            }

            Assert.Empty(number);
            var main = (long)decimal.Truncate(size);
            var part = (long)(size % 1 * 100);
            long[] expected = part == 0 ? [main] : main == 0 ? [part] : [main, part];
            Assert.Equal(expected, numbers);
        }, iter: Cases.Of(5_000));

    [Fact]
    public void No_word_is_empty_or_carries_spaces_at_its_ends() =>
        Gen.Select(Amount, AnyCurrency, Culture).Sample((amount, currency, culture) =>
            Assert.All(SpokenMoney.Words(amount, currency, culture, SignMode.Say), word =>
            {
                Assert.NotEmpty(word);
                Assert.Equal(word.Trim(), word);
                Assert.DoesNotContain("  ", word, StringComparison.Ordinal);
            }), iter: Cases.Of(1_000));

    [Fact]
    public void Dropping_the_sign_takes_away_the_minus_and_nothing_else() =>
        Gen.Select(Amount, AnyCurrency, Culture).Sample((amount, currency, culture) =>
        {
            var said = SpokenMoney.Words(amount, currency, culture, SignMode.Say);
            var dropped = SpokenMoney.Words(amount, currency, culture, SignMode.Drop);
            Assert.Equal(amount < 0, said[0] is "минус" or "minus");
            Assert.Equal(amount < 0 ? said.Skip(1) : said, dropped);
        }, iter: Cases.Of(1_000));

    [Fact]
    public void Every_way_of_writing_an_amount_reads_as_the_same_amount() =>
        Gen.Select(Amount, Gen.OneOf('.', ','), Gen.OneOf("", " ", "\u00a0", "\u202f", "'", "’"), Gen.OneOf("", " ", "\u00a0"),
            Gen.OneOf("rub", "РУБ.", "₽")).Sample((amount, point, between, gap, word) =>
        {
            var size = Math.Abs(amount);
            var whole = FormattableString.Invariant($"{decimal.Truncate(size):#,0}").Replace(",", between, StringComparison.Ordinal);
            var text = FormattableString.Invariant($"{(amount < 0 ? "-" : "")}{whole}{point}{(int)(size % 1 * 100):00}{gap}{word}");
            Assert.Equal(new(amount, Currency.Rub), SpokenAmount.Parse(text, "en"));
        }, iter: Cases.Of(3_000));

    [Fact]
    public void No_text_makes_the_reader_of_amounts_fail_otherwise_than_by_saying_why() =>
        Gen.String[Gen.OneOf(Gen.Char["0123456789.,-+ $€₽'rub"], Gen.Char), 0, 30].Sample(text =>
        {
            try
            {
                var read = SpokenAmount.Parse(text, "ru");
                Assert.True(Math.Abs(read.Amount) < 1_000_000_000_000_000_000m);
            }
            catch (SpeechException e)
            {
                Assert.NotEmpty(e.Reason);
            }
        }, iter: Cases.Of(20_000));
}
