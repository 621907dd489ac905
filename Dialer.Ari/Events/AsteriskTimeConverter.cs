using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>
/// Asterisk writes <c>2026-01-31T12:00:00.123+0300</c>: an offset without a colon, which the JSON reader of .NET does not
/// take. Read without a string, because every event carries two of them.
/// </summary>
internal sealed class AsteriskTimeConverter : JsonConverter<DateTimeOffset>
{
    private const int Longest = 80;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    /// <exception cref="JsonException">It is no time.</exception>
    public static DateTimeOffset Read(ref Utf8JsonReader reader)
    {
        if (reader is { TokenType: JsonTokenType.String, HasValueSequence: false, ValueSpan.Length: <= Longest })
        {
            if (TryReadUsual(reader.ValueSpan, out var usual))
            {
                return usual;
            }

            Span<char> buffer = stackalloc char[Longest];
            ReadOnlySpan<char> text = buffer[..reader.CopyString(buffer)];
            if (DateTimeOffset.TryParseExact(text, "yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value)
                || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value))
            {
                return value;
            }
        }

        throw new JsonException("A time is not of the form 2026-01-31T12:00:00.123+0300.");
    }

    /// <summary>The form that Asterisk writes: 28 characters, each in its place.</summary>
    private static bool TryReadUsual(ReadOnlySpan<byte> text, out DateTimeOffset value)
    {
        value = default;
        if (text.Length != 28 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.'
            || text[23] is not ((byte)'+' or (byte)'-'))
        {
            return false;
        }

        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        var (hour, minute, second, millisecond) = (Number(text[11..13]), Number(text[14..16]), Number(text[17..19]), Number(text[20..23]));
        var (offsetHours, offsetMinutes) = (Number(text[24..26]), Number(text[26..28]));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23 || minute is < 0 or > 59
            || second is < 0 or > 59 || millisecond < 0 || offsetHours is < 0 or > 13 || offsetMinutes is < 0 or > 59)
        {
            return false;
        }

        var offset = TimeSpan.FromMinutes((offsetHours * 60) + offsetMinutes);
        value = new DateTimeOffset(year, month, day, hour, minute, second, millisecond, text[23] == '-' ? -offset : offset);
        return true;
    }

    /// <summary>Below zero where something is no digit.</summary>
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return -1;
            }

            number = (number * 10) + digit - '0';
        }

        return number;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
