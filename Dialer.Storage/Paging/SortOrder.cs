using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Dialer.Storage.Paging;

/// <summary>One order that a list can be read in.</summary>
/// <param name="Name">What a client calls it.</param>
/// <param name="Expression">SQL of the key; never null, so that a page can begin behind any row.</param>
/// <param name="Type">The key's type in PostgreSQL.</param>
internal sealed record SortOrder(string Name, string Expression, string Type);

/// <summary>The orders of one list, as SQL.</summary>
internal sealed class SortOrders(string idExpression, string idType, string byDefault, params SortOrder[] orders)
{
    /// <summary>The names, ascending and descending.</summary>
    public IReadOnlyList<string> Names { get; } = [.. orders.SelectMany(order => new[] { order.Name, "-" + order.Name })];

    /// <summary>Adds «behind the cursor», the order and the limit to a query; answers the SQL of the sort key.</summary>
    /// <exception cref="InvalidSortException">There is no such order, or the cursor is of another.</exception>
    public (string Key, string Where, string OrderBy, string Sort) Apply(PageRequest page, NpgsqlParameterCollection parameters)
    {
        var sort = page.Sort ?? byDefault;
        var descending = sort.StartsWith('-');
        var order = Array.Find(orders, order => order.Name == (descending ? sort[1..] : sort))
            ?? throw new InvalidSortException(nameof(sort), $"'{sort}' is not an order of this list; there are {string.Join(", ", Names)}.");
        var direction = descending ? "desc" : "asc";
        var orderBy = $"order by {order.Expression} {direction}, {idExpression} {direction}";
        if (page.After is not { } after)
            return ($"({order.Expression})::text", "true", orderBy, sort);

        if (after.Sort != sort)
            throw new InvalidSortException("cursor", $"This cursor belongs to sort={after.Sort}; ask with that, or begin anew without a cursor.");
        parameters.Add(new NpgsqlParameter("after_key", NpgsqlDbType.Text) { Value = after.Key });
        parameters.Add(new NpgsqlParameter("after_id", NpgsqlDbType.Text) { Value = after.Id });
        var beyond = descending ? "<" : ">";
        var where = $"({order.Expression}, {idExpression}) {beyond} (@after_key::{order.Type}, @after_id::{idType})";
        return ($"({order.Expression})::text", where, orderBy, sort);
    }

    /// <summary>The limit: one row more than asked for tells whether there is a next page.</summary>
    public static string Limit(PageRequest page) => string.Create(CultureInfo.InvariantCulture, $"limit {page.Limit + 1}");
}

/// <summary>A sort order or cursor that the list does not have.</summary>
public sealed class InvalidSortException(string parameter, string message) : Exception(message)
{
    /// <summary>The name of the query parameter at fault: <c>sort</c> or <c>cursor</c>.</summary>
    public string Parameter { get; } = parameter;
}
