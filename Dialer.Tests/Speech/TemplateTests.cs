using Dialer.Grains.Interfaces.DialPlans;
using CsCheck;
using Dialer.Grains.DialPlans;
using Dialer.Grains.Speech;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, string> Igor = new(StringComparer.Ordinal)
    {
        ["BALANCE"] = "-68.27", ["Имя"] = "Игорь", ["EMPTY"] = " ", ["DASH"] = "—", ["DUE"] = "21.03.2026", ["AT"] = "14:05",
        ["CODE"] = "А1", ["COUNT"] = "-12,5",
    };

    [Theory]
    [InlineData("[% VAR:BALANCE %] rub", "-68.27 rub")]
    [InlineData("[%VAR:BALANCE%] rub", "-68.27 rub")]
    [InlineData("[% var : balance %]", "-68.27")]
    [InlineData("[%  Var:Balance  %][%VAR:имя%]", "-68.27Игорь")]
    [InlineData("нет переменных [10%]", "")]
    [InlineData("", "")]
    public void A_template_takes_the_variables_of_a_contact(string text, string expected)
    {
        if (expected.Length == 0 && text.Length > 0)
        {
            Assert.Throws<TemplateException>(() => Template.Parse(text));
            return;
        }

        Assert.Equal(expected, Template.Parse(text).Expand(Igor));
    }

    [Theory]
    [InlineData("долг [% VAR:BALANCE", 6, "not closed")]
    [InlineData("[% IF:X %]", 1, "«IF:X»")]
    [InlineData("ab [% BALANCE %]", 4, "«BALANCE»")]
    [InlineData("[% VAR: %]", 1, "name of a variable")]
    [InlineData("[% VAR:A B %]", 1, "«A B»")]
    [InlineData("[% VAR:A %] %]", 13, "closes nothing")]
    [InlineData("[% VAR:A [% VAR:B %]", 1, "«A [% VAR:B»")]
    public void A_template_that_cannot_be_read_says_where_and_why(string text, int position, string why)
    {
        var refused = Assert.Throws<TemplateException>(() => Template.Parse(text));
        Assert.Equal(position, refused.Position);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_are_listed_once_in_order() =>
        Assert.Equal(["B_1", "имя-2"], Template.Parse("[%VAR:B_1%] [%VAR:имя-2%] [%VAR:b_1%]").Variables);

    [Fact]
    public void Any_text_is_a_template_or_a_described_mistake() =>
        Gen.String[Gen.OneOf(Gen.Char["[%] VAR:x"], Gen.Char), 0, 40].Sample(text =>
        {
            try
            {
                Assert.Equal(text.Contains("[%", StringComparison.Ordinal), Template.Parse(text).Variables.Count > 0);
            }
            catch (TemplateException e)
            {
                Assert.InRange(e.Position, 1, text.Length);
            }
        }, iter: Cases.Of(20_000));

    [Theory]
    [InlineData(SayType.Money, "[% VAR:BALANCE %] rub", "минус шестьдесят восемь рублей двадцать семь копеек")]
    [InlineData(SayType.Number, "[% VAR:COUNT %]", "минус двенадцать целых пять десятых")]
    [InlineData(SayType.Number, "− 1 000", "минус одна тысяча")]
    [InlineData(SayType.Number, "0.125", "ноль целых сто двадцать пять тысячных")]
    [InlineData(SayType.Digits, "[% VAR:CODE %]", "а один")]
    [InlineData(SayType.Date, "[% VAR:DUE %]", "двадцать первое марта две тысячи двадцать шестого года")]
    [InlineData(SayType.Date, "2026-03-21T10:00", "двадцать первое марта две тысячи двадцать шестого года")]
    [InlineData(SayType.Time, "[% VAR:AT %]", "четырнадцать часов пять минут")]
    [InlineData(SayType.Time, "9:30", "девять часов тридцать минут")]
    public void A_template_of_each_type_becomes_its_words(SayType type, string text, string expected)
    {
        var phrase = SpokenText.Compose(type, Template.Parse(text), Igor, "ru-RU", SignMode.Say);
        Assert.Equal(expected.Split(' '), phrase.Parts);
        Assert.Equal(expected, phrase.ToString());
    }

    [Theory]
    [InlineData(SayType.Date, "2026-03-01", "2026-03-01T10:00", "2026-03-01T10:00:59", "01.03.2026", "1.3.2026", "20260301")]
    [InlineData(SayType.Time, "09:05", "9:05", "09:05:59", "2026-03-01T09:05", "2026-03-01T09:05:59")]
    public void A_date_and_a_time_are_read_however_lists_write_them(SayType type, params string[] written) =>
        Assert.All(written, text => Assert.Equal(
            SpokenText.Compose(type, Template.Parse(written[0]), Igor, "ru-RU", SignMode.Say).ToString(),
            SpokenText.Compose(type, Template.Parse(text), Igor, "ru-RU", SignMode.Say).ToString()));

    [Fact]
    public void Free_text_keeps_what_is_the_same_for_all_apart_from_what_is_not() =>
        Assert.Equal(["Здравствуйте,", "Игорь", "! Ваш долг", "-68.27"],
            SpokenText.Compose(SayType.Text, Template.Parse("Здравствуйте, [%VAR:имя%]! Ваш долг [%VAR:BALANCE%]."), Igor, "ru", SignMode.Say).Parts);

    [Theory]
    [InlineData(SayType.Text, "Здравствуйте, [% VAR:NOBODY %]", "NOBODY", SpeechFault.Missing)]
    [InlineData(SayType.Text, "[% VAR:EMPTY %]", "EMPTY", SpeechFault.Missing)]
    [InlineData(SayType.Text, "[% VAR:DASH %]", "DASH", SpeechFault.Unreadable)]
    [InlineData(SayType.Text, " … ", null, SpeechFault.Missing)]
    [InlineData(SayType.Money, "[% VAR:NOBODY %] rub", "NOBODY", SpeechFault.Missing)]
    [InlineData(SayType.Money, "[% VAR:BALANCE %] gbp", "BALANCE", SpeechFault.UnknownCurrency)]
    [InlineData(SayType.Money, "[% VAR:BALANCE %][% VAR:DUE %]", "BALANCE, DUE", SpeechFault.Unreadable)]
    [InlineData(SayType.Money, "9999999999999 rub", null, SpeechFault.OutOfRange)]
    [InlineData(SayType.Number, "[% VAR:DUE %]", "DUE", SpeechFault.Unreadable)]
    [InlineData(SayType.Digits, "[% VAR:DASH %]", "DASH", SpeechFault.Unreadable)]
    [InlineData(SayType.Date, "[% VAR:BALANCE %]", "BALANCE", SpeechFault.Unreadable)]
    [InlineData(SayType.Date, "31.02.2026", null, SpeechFault.Unreadable)]
    [InlineData(SayType.Time, "25:00", null, SpeechFault.Unreadable)]
    public void What_cannot_be_spoken_names_its_variable(SayType type, string text, string? variable, SpeechFault fault)
    {
        var refused = Assert.Throws<SpeechException>(
            () => SpokenText.Compose(type, Template.Parse(text), Igor, "ru-RU", SignMode.Say));
        Assert.Equal((variable, fault), (refused.Variable, refused.Fault));
        Assert.Contains(variable ?? refused.Reason, refused.Message, StringComparison.Ordinal);
    }
}
