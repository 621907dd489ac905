using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>
/// Asterisk writes <c>2026-01-31T12:00:00.123+0300</c>: an offset without a colon, which the JSON reader of .NET does not
/// take. Read without a string, because every event carries two of them.
/// </summary>
internal sealed class AsteriskTimeConverter : JsonConverter<DateTimeOffset>
{
    private const int Longest = 40;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader is { TokenType: JsonTokenType.String, HasValueSequence: false, ValueSpan.Length: <= Longest })
        {
            Span<char> buffer = stackalloc char[Longest];
            ReadOnlySpan<char> text = buffer[..Encoding.UTF8.GetChars(reader.ValueSpan, buffer)];
            if (DateTimeOffset.TryParseExact(text, "yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value)
                || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value))
            {
                return value;
            }
        }

        throw new JsonException("A time is not of the form 2026-01-31T12:00:00.123+0300.");
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
