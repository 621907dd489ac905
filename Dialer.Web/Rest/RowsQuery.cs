using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dialer.Grains.Interfaces;
using Dialer.Storage.Paging;

namespace Dialer.Web.Rest;

/// <summary>What the lists of contacts and attempts can be asked for.</summary>
public sealed record RowsQuery(
    string? State = null, string? Verdict = null, string? Number = null, string? From = null, string? To = null,
    string? Sort = null, string? Limit = null, string? Cursor = null);

/// <summary>A page as clients see it.</summary>
/// <param name="Items">Its rows.</param>
/// <param name="Next">The <c>cursor</c> of the next page; null behind the last row.</param>
public sealed record RowsPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Reads query parameters; each error names its parameter.</summary>
internal static partial class QueryParameters
{
    /// <summary>A misspelt filter that silently filters nothing would be believed.</summary>
    /// <exception cref="RefusedException">A parameter is not one of <paramref name="known"/>.</exception>
    public static void CheckNames(HttpRequest request, params ReadOnlySpan<string> known)
    {
        foreach (var name in request.Query.Keys)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw RefusedException.Invalid(name, $"There is no parameter '{name}' here. Known are: {string.Join(", ", known.ToArray())}.");
        }
    }

    /// <summary>One or more names, divided by commas.</summary>
    public static IReadOnlyList<T>? Names<T>(string parameter, string? text) where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var names = Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), StringComparer.Ordinal);
        return [.. text.Split(',', StringSplitOptions.TrimEntries).Select(name => names.TryGetValue(name, out var value)
            ? value
            : throw RefusedException.Invalid(parameter, $"'{name}' is not a {parameter}; there are {string.Join(", ", names.Keys)}."))];
    }

    public static DateTimeOffset? Instant(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        // An unescaped + arrives as a blank.
        var repaired = OffsetBlank().Replace(text, "+");
        return WithOffset().IsMatch(repaired)
            && DateTimeOffset.TryParse(repaired, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
                ? instant
                : throw RefusedException.Invalid(parameter, $"'{parameter}' is expected as an instant with offset, like 2026-03-09T00:00:00+03:00.");
    }

    /// <summary>The digits of a number or of a part of one.</summary>
    public static string? Digits(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return digits.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')')
            ? digits
            : throw RefusedException.Invalid(parameter, $"'{parameter}' is expected as a telephone number or some of its digits.");
    }

    public static PageRequest Page(RowsQuery query)
    {
        var limit = PageRequest.DefaultLimit;
        if (!string.IsNullOrEmpty(query.Limit)
            && (!int.TryParse(query.Limit, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > PageRequest.MaxLimit))
            throw RefusedException.Invalid("limit", $"'limit' is expected as a number from 1 to {PageRequest.MaxLimit}.");
        Cursor? after = null;
        if (!string.IsNullOrEmpty(query.Cursor))
            after = Cursor.TryParse(query.Cursor, out var cursor) ? cursor : throw BadCursor();
        return new PageRequest(string.IsNullOrEmpty(query.Sort) ? null : query.Sort, limit, after);
    }

    /// <summary>Reads a page, with the storage's objections to its order turned into answers.</summary>
    public static async Task<RowsPage<T>> ReadAsync<T>(Func<Task<Page<T>>> read)
    {
        try
        {
            var page = await read();
            return new RowsPage<T>(page.Items, page.Next?.ToString());
        }
        catch (InvalidSortException error)
        {
            throw RefusedException.Invalid(error.Parameter, error.Message);
        }
        catch (Npgsql.PostgresException error) when (error.SqlState is ['2', '2', ..])
        {
            // Data exceptions: only a forged cursor carries text that is not of its column's type.
            throw BadCursor();
        }
    }

    private static RefusedException BadCursor() =>
        RefusedException.Invalid("cursor", "This cursor is not one of ours: take the 'next' of the previous page as it is, or begin without one.");

    [GeneratedRegex(@" (?=\d\d:?\d\d$)")]
    private static partial Regex OffsetBlank();

    [GeneratedRegex(@"T.*(Z|[+-]\d\d:?\d\d)$", RegexOptions.ExplicitCapture)]
    private static partial Regex WithOffset();
}
