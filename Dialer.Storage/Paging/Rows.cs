using Npgsql;
using NpgsqlTypes;

namespace Dialer.Storage.Paging;

/// <summary>What the paged queries share.</summary>
internal static class Rows
{
    /// <summary>Makes a page of rows that were read with one more than its limit.</summary>
    public static Page<TView> Cut<TRow, TView>(this List<TRow> rows, int limit, Func<TRow, TView> view, Func<TRow, Cursor> cursor)
    {
        var items = rows.Take(limit).Select(view).ToArray();
        return new Page<TView>(items, rows.Count > limit ? cursor(rows[limit - 1]) : null);
    }

    /// <summary>A parameter of a filter, null where it filters nothing.</summary>
    public static void AddFilter(this NpgsqlParameterCollection parameters, string name, NpgsqlDbType type, object? value) =>
        parameters.Add(new NpgsqlParameter(name, type) { Value = value ?? DBNull.Value });
}
