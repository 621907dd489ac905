using CsCheck;
using Dialer.Storage.Contacts.Lists;
using PhoneNumbers;
using Xunit;
using PhoneNumber = Dialer.Storage.Contacts.Lists.PhoneNumber;

namespace Dialer.Tests.Contacts.Lists;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("8 (903) 123-45-67", "RU", NumberQuality.Recognised, "+79031234567")]
    [InlineData("+7 903 123 45 67", "RU", NumberQuality.Recognised, "+79031234567")]
    [InlineData("903.123.45.67", "RU", NumberQuality.Recognised, "+79031234567")]
    [InlineData("79031234567.0", "RU", NumberQuality.Recognised, "+79031234567")]
    [InlineData("8\u00A0495\u2011123\u201145\u201167", "RU", NumberQuality.Recognised, "+74951234567")]
    [InlineData("+1 212 555 2368", "RU", NumberQuality.Recognised, "+12125552368")]
    [InlineData("030 123456", "DE", NumberQuality.Recognised, "+4930123456")]
    [InlineData("17605632123", "RU", NumberQuality.AsWritten, "17605632123")]
    [InlineData("79508881234", "RU", NumberQuality.Recognised, "+79508881234")]
    [InlineData("7760569623", "RU", NumberQuality.Recognised, "+77760569623")]
    [InlineData("101", "RU", NumberQuality.AsWritten, "101")]
    [InlineData("*100#", "RU", NumberQuality.AsWritten, "*100#")]
    [InlineData("8 903 123-45-67 доб. 5", "RU", NumberQuality.Bad, "")]
    [InlineData("79031234567@evil", "RU", NumberQuality.Bad, "")]
    [InlineData("7903/1234567", "RU", NumberQuality.Bad, "")]
    [InlineData("7903+1234567", "RU", NumberQuality.Bad, "")]
    [InlineData("٧٩٠٣١٢٣٤٥٦٧", "RU", NumberQuality.Bad, "")]
    [InlineData("+", "RU", NumberQuality.Bad, "")]
    [InlineData("5", "RU", NumberQuality.Bad, "")]
    [InlineData("123456789012345678901234567890123", "RU", NumberQuality.Bad, "")]
    public void A_number_becomes_what_is_dialled(string written, string region, NumberQuality quality, string dialled)
    {
        Assert.Equal(quality, new PhoneNumber(region).Normalise(written, out var number));
        Assert.Equal(dialled, number);
    }

    [Fact]
    public void The_short_way_for_Russian_mobiles_agrees_with_libphonenumber_on_every_code()
    {
        var plans = PhoneNumberUtil.GetInstance();
        var phone = new PhoneNumber("RU");
        string[] prefixes = ["", "7", "8", "+7"];

        // Blocks are given out by six digits.
        for (var block = 900_000; block < 1_000_000; block++)
        {
            var written = $"{prefixes[block % 4]}{block}{block * 7 % 10_000:0000}";
            var parsed = plans.Parse(written, "RU");
            var valid = plans.IsValidNumber(parsed);
            Assert.Equal(valid ? NumberQuality.Recognised : NumberQuality.AsWritten, phone.Normalise(written, out var number));
            Assert.Equal(valid ? plans.Format(parsed, PhoneNumberFormat.E164) : written, number);
        }
    }

    [Fact]
    public void Nothing_but_digits_and_signs_of_the_keypad_ever_reaches_a_dial_string()
    {
        var phone = new PhoneNumber("RU");
        Gen.String[Gen.Char["0123456789+*# ()-.;@/&\n\u00A0Ж"], 0, 40].Sample(
            written =>
            {
                phone.Normalise(written, out var number);
                Assert.Matches("^([+]?[0-9*#]+)?$", number);
                Assert.True(number.Length <= PhoneNumber.MaxLength);
            },
            iter: 50_000);
    }
}
