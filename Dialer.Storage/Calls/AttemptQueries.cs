using System.Runtime.CompilerServices;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Paging;
using Npgsql;
using NpgsqlTypes;

namespace Dialer.Storage.Calls;

/// <summary>Which attempts of a campaign are wanted; null means any.</summary>
/// <param name="Open">True for calls that are running, false for those that ended.</param>
/// <param name="Verdicts">How they ended.</param>
/// <param name="Number">Digits that the called number contains.</param>
/// <param name="From">Started at this moment or later.</param>
/// <param name="To">Started before this moment.</param>
/// <param name="Contact">Of one contact.</param>
public sealed record AttemptFilter(
    bool? Open = null, IReadOnlyList<Verdict>? Verdicts = null, string? Number = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null, long? Contact = null);

/// <summary>Reads attempts for people; no decision is made from what it reads.</summary>
public sealed class AttemptQueries(NpgsqlDataSource database)
{
    // The column holds tenant/trunk, because two tenants may call their trunks the same.
    private const string Columns = """
        s.id, s.contact, s.name, s.number, split_part(s.trunk, '/', 2), s.started_at, s.answered_at, s.ended_at, s.verdict, s.cause, s.keys,
            s.operator
        """;

    private const string Filter = """
        s.campaign = @campaign
        and (@open::boolean is null or (s.ended_at is null) = @open)
        and (@verdicts::smallint[] is null or s.verdict = any(@verdicts))
        and (@number::text is null or s.number like '%' || @number || '%')
        and (@from::timestamptz is null or s.started_at >= @from)
        and (@to::timestamptz is null or s.started_at < @to)
        and (@contact::bigint is null or s.contact = @contact)
        """;

    private const string Duration = "coalesce(s.ended_at - s.answered_at, interval '0')";

    private static readonly SortOrders Orders = new(
        "s.id", "uuid", "-startedAt",
        // Ids are made of the time, and the primary key is in their order.
        new SortOrder("startedAt", "s.id", "uuid"),
        new SortOrder("name", "s.name", "text"),
        new SortOrder("duration", Duration, "interval"));

    /// <summary>Names of the orders for <see cref="PageRequest.Sort"/>.</summary>
    public static IReadOnlyList<string> SortNames => Orders.Names;

    /// <summary>One page of the campaign with the number <paramref name="campaign"/>; the newest first unless told otherwise.</summary>
    /// <exception cref="InvalidSortException">There is no such order, or the cursor is of another.</exception>
    public async Task<Page<AttemptView>> PageAsync(
        int campaign, AttemptFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        await using var command = Command(campaign, filter);
        var (key, where, orderBy, sort) = Orders.Apply(page, command.Parameters);
        command.CommandText = $"select {Columns}, {key} from attempt s where {Filter} and {where} {orderBy} {SortOrders.Limit(page)}";
        var rows = new List<(AttemptView View, string Key)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add((Read(reader), reader.GetString(12)));
        return rows.Cut(page.Limit, row => row.View, row => new Cursor(sort, row.Key, row.View.Id.ToString()));
    }

    /// <summary>All that match, the oldest first, as the database sends them.</summary>
    public async IAsyncEnumerable<AttemptView> AllAsync(
        int campaign, AttemptFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var command = Command(campaign, filter);
        command.CommandText = $"select {Columns} from attempt s where {Filter} order by s.id";
        // However long it takes whoever downloads it.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return Read(reader);
    }

    private NpgsqlCommand Command(int campaign, AttemptFilter filter)
    {
        var command = database.CreateCommand();
        command.Parameters.Add(new NpgsqlParameter("campaign", NpgsqlDbType.Integer) { Value = campaign });
        command.Parameters.AddFilter("open", NpgsqlDbType.Boolean, filter.Open);
        command.Parameters.AddFilter("verdicts", NpgsqlDbType.Array | NpgsqlDbType.Smallint, filter.Verdicts?.Select(verdict => (short)verdict).ToArray());
        command.Parameters.AddFilter("number", NpgsqlDbType.Text, filter.Number);
        command.Parameters.AddFilter("from", NpgsqlDbType.TimestampTz, filter.From?.ToUniversalTime());
        command.Parameters.AddFilter("to", NpgsqlDbType.TimestampTz, filter.To?.ToUniversalTime());
        command.Parameters.AddFilter("contact", NpgsqlDbType.Bigint, filter.Contact);
        return command;
    }

    private static AttemptView Read(NpgsqlDataReader row)
    {
        DateTimeOffset? answered = row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6);
        DateTimeOffset? ended = row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7);
        return new AttemptView(
            row.GetGuid(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4),
            row.GetFieldValue<DateTimeOffset>(5), answered, ended, ended - answered,
            row.IsDBNull(8) ? null : (Verdict)row.GetInt16(8), row.IsDBNull(9) ? null : row.GetInt16(9),
            row.IsDBNull(10) ? null : row.GetString(10), row.IsDBNull(11) ? null : row.GetString(11));
    }
}
