using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Dialer.Storage.Paging;

/// <summary>
/// The last row of a page: its sort key and its id. A page that begins behind a key, not behind a count of rows, neither repeats
/// nor skips a row when others come and go, and costs the same however deep it is.
/// </summary>
/// <param name="Sort">The order that the page was in; a cursor is of no use in another.</param>
/// <param name="Key">The row's value in that order, as PostgreSQL writes it.</param>
/// <param name="Id">The row's id, which settles equal keys.</param>
public sealed record Cursor(string Sort, string Key, string Id)
{
    /// <summary>Letters, digits, <c>-</c> and <c>_</c>: fits into an address as it is.</summary>
    public override string ToString() =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string[]>([Sort, Key, Id]));

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse(string? text, out Cursor cursor)
    {
        cursor = new Cursor("", "", "");
        try
        {
            if (string.IsNullOrEmpty(text)
                || JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(text)) is not [{ } sort, { } key, { } id])
                return false;
            // A zero byte cannot be in a PostgreSQL text.
            cursor = new Cursor(sort, key, id);
            return !(sort + key + id).Contains('\0', StringComparison.Ordinal);
        }
        catch (Exception error) when (error is FormatException or JsonException or DecoderFallbackException)
        {
            return false;
        }
    }
}
