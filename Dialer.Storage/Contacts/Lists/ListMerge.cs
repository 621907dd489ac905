using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Puts a list that has been copied in into its place among the earlier ones, in the same transaction.
/// </summary>
/// <remarks>
/// Running calls write to their contacts in short statements and must not wait long. So the many rows that nobody is
/// calling are moved first, passing over locked ones; the few in flight come last, locked in the order of their ids.
/// Claims pass over locked rows themselves. What in-flight calls do later is bounded by <c>generation</c> and state.
/// </remarks>
internal static class ListMerge
{
    // Rows come into the tables only with a list, and become visible in the statement that makes it «done».
    private const string Earlier =
        "select exists (select from contact_list where campaign = @campaign and id <> @list and state = 1)";

    // Old and new rows are compared as wholes, and no statistics know of rows that were copied in a moment ago: a plan of
    // nested loops would compare a million with a million.
    private const string CompareWholes = "set local enable_nestloop = off; set local work_mem = '64MB'";

    private const string Again =
        """
        with again as (
            update contact o set state = 5
            from contact n
            where o.campaign = @campaign and o.state = 4 and o.list <> @list
              and n.campaign = @campaign and n.list = @list and n.person = o.person
            returning 1)
        select 4::smallint, false, true, count(*) from again
        """;

    private const string Idle =
        """
        with old as materialized (
            select id, person, state from contact
            where campaign = @campaign and list <> @list and state in (0, 2, 3)
            order by id for update skip locked),
        matched as materialized (
            select old.id, old.state, exists (
                select from contact n where n.campaign = @campaign and n.list = @list and n.person = old.person) as again
            from old),
        moved as (
            update contact o set state = case when m.again then 5 else 4 end
            from matched m where o.campaign = @campaign and o.id = m.id)
        select state, false, again, count(*) from matched group by 1, 3
        """;

    private const string LockRest =
        """
        select count(*) from (
            select from contact
            where campaign = @campaign and list <> @list and state in (0, 1, 2, 3)
            order by id for update) locked
        """;

    // A call that is running keeps its row: its numbers and variables are for the next attempt, and the higher
    // generation keeps the outcome of this one from ending the contact.
    private const string Rest =
        """
        with old as materialized (
            select o.id, o.state, n.id as new_id, n.name, n.numbers, n.variables, n.time_zone, n.next_due_at,
                exists (select from attempt a where a.campaign = @campaign and a.contact = o.id and a.ended_at is null) as calling
            from contact o
            left join contact n on n.campaign = @campaign and n.list = @list and n.person = o.person
            where o.campaign = @campaign and o.list <> @list and o.state in (0, 1, 2, 3)),
        kept as (
            update contact o
            set list = @list, name = old.name, numbers = old.numbers, variables = old.variables, time_zone = old.time_zone,
                next_due_at = old.next_due_at, generation = o.generation + 1, retrying = false, struck = 0, next_number = 0,
                retries_used = 0, setbacks = 0
            from old where o.campaign = @campaign and o.id = old.id and old.state = 1 and old.new_id is not null),
        removed as (
            delete from contact n using old where n.campaign = @campaign and n.id = old.new_id and old.state = 1),
        ended as (
            update contact o
            set state = case when old.new_id is null then 4 else 5 end, generation = o.generation + 1
            from old where o.campaign = @campaign and o.id = old.id and (old.state <> 1 or old.new_id is null))
        select state, calling, new_id is not null, count(*) from old group by 1, 2, 3
        """;

    private const string Count =
        """
        insert into campaign_count as c (campaign, shard, waiting, calling, done, failed, withdrawn)
        values (@campaign, -1, @waiting, @calling, @done, @failed, @withdrawn)
        on conflict (campaign, shard) do update set
            waiting = c.waiting + excluded.waiting, calling = c.calling + excluded.calling, done = c.done + excluded.done,
            failed = c.failed + excluded.failed, withdrawn = c.withdrawn + excluded.withdrawn
        """;

    /// <summary>Merges, and moves the counters of the campaign with the rows.</summary>
    /// <param name="connection">In the transaction that copied the list in.</param>
    /// <param name="request">Whose list, and how.</param>
    /// <param name="inserted">How many contacts were copied in.</param>
    /// <param name="cancellationToken">Ends it; the transaction must then be rolled back.</param>
    public static async Task RunAsync(NpgsqlConnection connection, ListImportRequest request, long inserted, CancellationToken cancellationToken)
    {
        var change = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["waiting"] = inserted,
            ["calling"] = 0,
            ["done"] = 0,
            ["failed"] = 0,
            ["withdrawn"] = 0,
        };
        if (await MeetsEarlierAsync(connection, request, cancellationToken))
        {
            await MeetAsync(connection, request, change, cancellationToken);
        }

        await using var count = Command(connection, Count, request);
        foreach (var (state, by) in change)
        {
            count.Parameters.AddWithValue(state, by);
        }

        await count.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> MeetsEarlierAsync(NpgsqlConnection connection, ListImportRequest request, CancellationToken cancellationToken)
    {
        await using var earlier = Command(connection, Earlier, request);
        return (bool)(await earlier.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task MeetAsync(
        NpgsqlConnection connection, ListImportRequest request, Dictionary<string, long> change, CancellationToken cancellationToken)
    {
        await using (var plan = new NpgsqlCommand(CompareWholes, connection))
        {
            await plan.ExecuteNonQueryAsync(cancellationToken);
        }

        await MoveAsync(connection, Again, request, change, cancellationToken);
        if (request.Mode == ListMode.Replace)
        {
            await MoveAsync(connection, Idle, request, change, cancellationToken);
            await using (var rest = Command(connection, LockRest, request))
            {
                await rest.ExecuteScalarAsync(cancellationToken);
            }

            // A statement of its own: it must see attempts that ended while it waited for their locks.
            await MoveAsync(connection, Rest, request, change, cancellationToken);
        }
    }

    private static async Task MoveAsync(
        NpgsqlConnection connection, string sql, ListImportRequest request, Dictionary<string, long> change, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, request);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (state, calling, again, count) = (reader.GetInt16(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetInt64(3));
            if (state == 1 && again)
            {
                // It stays what it is; the row that was copied in for it is gone.
                change["waiting"] -= count;
                continue;
            }

            change[state switch { 2 => "done", 3 => "failed", 4 => "withdrawn", 1 when calling => "calling", _ => "waiting" }] -= count;
            change["withdrawn"] += again ? 0 : count;
        }
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, ListImportRequest request) =>
        new(sql, connection)
        {
            CommandTimeout = 0,
            Parameters = { new("campaign", request.CampaignNo), new("list", request.ListId) },
        };
}
