using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Paging;
using Npgsql;
using NpgsqlTypes;

namespace Dialer.Storage.Contacts;

/// <summary>Which contacts of a campaign are wanted; null means any.</summary>
/// <param name="States">As they are shown.</param>
/// <param name="Verdicts">Of the last attempt.</param>
/// <param name="Number">Digits that one of the numbers contains.</param>
/// <param name="From">Due at this moment or later.</param>
/// <param name="To">Due before this moment.</param>
public sealed record ContactFilter(
    IReadOnlyList<ContactState>? States = null, IReadOnlyList<Verdict>? Verdicts = null, string? Number = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>Reads contacts for people; no decision is made from what it reads.</summary>
public sealed class ContactQueries(NpgsqlDataSource database)
{
    // Claimed contacts are «calling» while an attempt is open; before and after it they wait like the others.
    private const string Shown = """
        select c.id, c.name, c.numbers, c.variables, c.attempts, c.last_verdict,
            case when c.state = 1 and a.contact is null then 0 else c.state end as state,
            case when c.state = 0 then c.next_due_at end as next_due_at
        from contact c left join attempt a on a.campaign = c.campaign and a.contact = c.id and a.ended_at is null and c.state = 1
        where c.campaign = @campaign
        """;

    private const string Filter = """
        (@states::smallint[] is null or s.state = any(@states))
        and (@verdicts::smallint[] is null or s.last_verdict = any(@verdicts))
        and (@number::text is null or exists (select from unnest(s.numbers) n where n like '%' || @number || '%'))
        and (@from::timestamptz is null or s.next_due_at >= @from)
        and (@to::timestamptz is null or s.next_due_at < @to)
        """;

    private const string Columns = "s.id, s.name, s.numbers, s.variables, s.state, s.attempts, s.next_due_at, s.last_verdict";

    private static readonly SortOrders Orders = new(
        "s.id", "bigint", "id",
        new SortOrder("id", "s.id", "bigint"),
        new SortOrder("name", "s.name", "text"),
        new SortOrder("attempts", "s.attempts", "int"),
        new SortOrder("nextDueAt", "coalesce(s.next_due_at, 'infinity')", "timestamptz"));

    /// <summary>Names of the orders for <see cref="PageRequest.Sort"/>.</summary>
    public static IReadOnlyList<string> SortNames => Orders.Names;

    /// <summary>One page of the campaign with the number <paramref name="campaign"/>.</summary>
    /// <exception cref="InvalidSortException">There is no such order, or the cursor is of another.</exception>
    public async Task<Page<ContactView>> PageAsync(
        int campaign, ContactFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        await using var command = Command(campaign, filter);
        var (key, where, orderBy, sort) = Orders.Apply(page, command.Parameters);
        command.CommandText = $"with s as ({Shown}{Stored(filter)}) select {Columns}, {key} from s where {Filter} and {where} {orderBy} {SortOrders.Limit(page)}";
        var rows = new List<(ContactView View, string Key)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add((Read(reader), reader.GetString(8)));
        return rows.Cut(page.Limit, row => row.View, row => new Cursor(sort, row.Key, Text(row.View.Id)));
    }

    /// <summary>All that match, in order of their ids, as the database sends them.</summary>
    public async IAsyncEnumerable<ContactView> AllAsync(
        int campaign, ContactFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var command = Command(campaign, filter);
        command.CommandText = $"with s as ({Shown}{Stored(filter)}) select {Columns} from s where {Filter} order by s.id";
        // However long it takes whoever downloads it.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return Read(reader);
    }

    /// <summary>One contact, or null where the campaign has none of that id.</summary>
    public async Task<ContactView?> FindAsync(int campaign, long id, CancellationToken cancellationToken = default)
    {
        await using var command = database.CreateCommand($"with s as ({Shown} and c.id = @id) select {Columns} from s");
        command.Parameters.Add(new NpgsqlParameter("campaign", NpgsqlDbType.Integer) { Value = campaign });
        command.Parameters.Add(new NpgsqlParameter("id", NpgsqlDbType.Bigint) { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>
    /// The states as the table has them, written out: only so can the database tell that an index holds all that is wanted, and in
    /// the wanted order. Whether a claimed contact is called is for the filter.
    /// </summary>
    private static string Stored(ContactFilter filter)
    {
        if (filter.States is not { Count: > 0 } states)
            return "";
        var stored = states.Select(state => (int)state);
        if (states.Contains(ContactState.Waiting))
            stored = stored.Append((int)ContactState.Calling);
        var written = stored.Distinct().Order().ToList();
        return written.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $" and c.state = {written[0]}")
            : string.Create(CultureInfo.InvariantCulture, $" and c.state in ({string.Join(", ", written)})");
    }

    private NpgsqlCommand Command(int campaign, ContactFilter filter)
    {
        var command = database.CreateCommand();
        command.Parameters.Add(new NpgsqlParameter("campaign", NpgsqlDbType.Integer) { Value = campaign });
        command.Parameters.AddFilter("states", NpgsqlDbType.Array | NpgsqlDbType.Smallint, filter.States?.Select(state => (short)state).ToArray());
        command.Parameters.AddFilter("verdicts", NpgsqlDbType.Array | NpgsqlDbType.Smallint, filter.Verdicts?.Select(verdict => (short)verdict).ToArray());
        command.Parameters.AddFilter("number", NpgsqlDbType.Text, filter.Number);
        command.Parameters.AddFilter("from", NpgsqlDbType.TimestampTz, filter.From?.ToUniversalTime());
        command.Parameters.AddFilter("to", NpgsqlDbType.TimestampTz, filter.To?.ToUniversalTime());
        return command;
    }

    private static ContactView Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetFieldValue<string[]>(2),
        JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(3)) ?? [],
        (ContactState)row.GetInt32(4), row.GetInt32(5),
        row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
        row.IsDBNull(7) ? null : (Verdict)row.GetInt16(7));

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
