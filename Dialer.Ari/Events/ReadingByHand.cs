using System.Text.Json;

namespace Dialer.Ari;

/// <summary>What reading JSON by hand needs again and again.</summary>
internal static class ReadingByHand
{
    /// <exception cref="JsonException">It is another token.</exception>
    public static void Expect(in this Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
        {
            throw new JsonException($"There is a {reader.TokenType} where there should be a {token}.");
        }
    }

    /// <summary>The next property's name, or the end.</summary>
    public static bool NextProperty(ref this Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Whether this is the property; if so, moves on to its value.</summary>
    public static bool Is(ref this Utf8JsonReader reader, ReadOnlySpan<byte> property) => reader.ValueTextEquals(property) && reader.Read();

    /// <summary>Passes over a property's value.</summary>
    public static void SkipValue(ref this Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>A text that is one of <paramref name="likely"/> nearly always, which costs no new string.</summary>
    public static string? OneOf(ref this Utf8JsonReader reader, string[] likely)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            foreach (var one in likely)
            {
                if (reader.ValueTextEquals(one))
                {
                    return one;
                }
            }
        }

        return reader.GetString();
    }
}

/// <summary>A text that is nearly always the one before, and then costs no new string. Thread-safe.</summary>
internal sealed class LastText
{
    private volatile string? _last;

    public string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
        {
            return reader.GetString();
        }

        return _last is { } last && reader.ValueTextEquals(last) ? last : _last = reader.GetString();
    }
}
