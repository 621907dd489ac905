using System.Globalization;
using CsCheck;
using Dialer.Storage.Contacts.Lists;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

public sealed class AmountTests
{
    [Theory]
    [InlineData("-68.27", DecimalSign.Unknown, "-68.27")]
    [InlineData("-68,27", DecimalSign.Unknown, "-68.27")]
    [InlineData("\u221268,27", DecimalSign.Unknown, "-68.27")]
    [InlineData("1 234,56", DecimalSign.Unknown, "1234.56")]
    [InlineData("1\u00A0234,56", DecimalSign.Unknown, "1234.56")]
    [InlineData("1\u202F234\u202F567,5", DecimalSign.Unknown, "1234567.5")]
    [InlineData("1,234,567.5", DecimalSign.Unknown, "1234567.5")]
    [InlineData("1.234,56", DecimalSign.Unknown, "1234.56")]
    [InlineData("1'234.56", DecimalSign.Unknown, "1234.56")]
    [InlineData("1234", DecimalSign.Unknown, "1234")]
    [InlineData("1,234", DecimalSign.Point, "1234")]
    [InlineData("1,234", DecimalSign.Comma, "1.234")]
    [InlineData("1.234", DecimalSign.Comma, "1234")]
    [InlineData("0,234", DecimalSign.Unknown, "0.234")]
    [InlineData("1234,567", DecimalSign.Unknown, "1234.567")]
    [InlineData("-0.00", DecimalSign.Unknown, "0.00")]
    [InlineData("007", DecimalSign.Unknown, "7")]
    [InlineData("+5", DecimalSign.Unknown, "5")]
    [InlineData("- 5", DecimalSign.Unknown, "-5")]
    [InlineData(",5", DecimalSign.Unknown, null)]
    [InlineData("1,234", DecimalSign.Unknown, null)]
    [InlineData("12 34", DecimalSign.Unknown, null)]
    [InlineData("1 2345", DecimalSign.Unknown, null)]
    [InlineData("1,23,4.5", DecimalSign.Unknown, null)]
    [InlineData("5.", DecimalSign.Unknown, null)]
    [InlineData("--5", DecimalSign.Unknown, null)]
    [InlineData("-", DecimalSign.Unknown, null)]
    [InlineData("12 руб", DecimalSign.Unknown, null)]
    [InlineData("1e5", DecimalSign.Unknown, null)]
    [InlineData("٣", DecimalSign.Unknown, null)]
    [InlineData("1234567890123456", DecimalSign.Unknown, null)]
    public void An_amount_is_read_by_its_own_signs_and_those_of_its_file(string written, DecimalSign file, string? expected)
    {
        var buffer = new char[written.Length + 16];
        var read = Amount.TryNormalise(written, file, buffer, out var length, out var reason);
        Assert.Equal(expected, read ? new string(buffer, 0, length) : null);
        Assert.True(read || reason.Length > 10);
    }

    [Fact]
    public void The_culture_of_the_machine_changes_nothing()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { "en-US", "ru-RU", "de-CH", "ar-SA" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                var buffer = new char[32];
                Assert.True(Amount.TryNormalise("1234,56", DecimalSign.Unknown, buffer, out var length, out _));
                Assert.Equal("1234.56", new string(buffer, 0, length));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Every_amount_written_with_two_decimals_in_any_usual_way_is_read_as_itself()
    {
        var cultures = new[] { "en-US", "ru-RU", "de-DE", "de-CH", "fr-FR" }.Select(CultureInfo.GetCultureInfo).ToArray();
        Gen.Select(Gen.Long[-99_999_999_999, 99_999_999_999], Gen.Int[0, cultures.Length - 1].Select(i => cultures[i]), Gen.Bool.Select(grouped => grouped ? "N2" : "F2")).Sample(
            (cents, culture, format) =>
            {
                var amount = cents / 100m;
                var written = amount.ToString(format, culture);
                var buffer = new char[written.Length + 16];
                Assert.True(Amount.TryNormalise(written, DecimalSign.Unknown, buffer, out var length, out _), written);
                Assert.Equal(amount, decimal.Parse(buffer.AsSpan(0, length), CultureInfo.InvariantCulture));
            },
            iter: 20_000);
    }
}
