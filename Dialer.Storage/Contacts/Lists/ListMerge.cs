using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Puts a list that has been copied in into force: the campaign's edition becomes that of the list, and with that every row of an
/// earlier one stops counting. Only those who are claimed or called at this moment are moved here, because their calls go on.
/// </summary>
/// <remarks>
/// Claims wait from the first statement of <see cref="TakeForceAsync"/> to the commit, and ends of calls from the second, so both are
/// short whatever the length of the lists: everything long comes before it (<see cref="Meeting"/>) or after it
/// (<see cref="ListSettlement"/>).
/// </remarks>
internal static class ListMerge
{
    // From here on no claim is made in the old edition, and one that was under way is finished.
    private const string TakeForce = "update campaign set edition = @edition where no = @campaign";

    // Whom an earlier list withdrew while they talked count as well: in force again, they would be called while they still talk. They are reached by
    // the open attempts, since withdrawn contacts are kept for good.
    private const string InFlight =
        """
        with flying as materialized (
            select id from meeting join (
                select id from contact where campaign = @campaign and edition = @before and state = 1
                union
                select c.id from attempt a join contact c on c.campaign = a.campaign and c.id = a.contact and c.state = 4
                where a.campaign = @campaign and a.ended_at is null) f using (id))
        """;

    private const string LockInFlight =
        $"""
        {InFlight}
        select count(*) from (
            select from contact
            where campaign = @campaign and id in (select id from flying)
            order by id for update) locked
        """;

    // A call that is running keeps its row: its numbers and variables are for the next attempt, and the higher
    // generation keeps the outcome of this one from ending the contact.
    private const string MoveInFlight =
        $"""
        {InFlight},
        old as materialized (
            select o.id, o.state = 4 as was_withdrawn, n.id as new_id, n.name, n.numbers, n.variables, n.time_zone, n.next_due_at,
                exists (select from attempt a where a.campaign = @campaign and a.contact = o.id and a.ended_at is null) as calling
            from flying
            join meeting m using (id)
            join contact o on o.campaign = @campaign and o.id = m.id
            left join contact n on n.campaign = @campaign and n.id = m.again),
        kept as (
            update contact o
            set state = 1, list = @list, edition = @edition, name = old.name, numbers = old.numbers, variables = old.variables,
                time_zone = old.time_zone, next_due_at = old.next_due_at, generation = o.generation + 1, retrying = false, struck = 0,
                next_number = 0, retries_used = 0, setbacks = 0
            from old where o.campaign = @campaign and o.id = old.id and old.new_id is not null),
        removed as (
            delete from contact n using old where n.campaign = @campaign and n.id = old.new_id),
        withdrawn as (
            update contact o set state = 4, generation = o.generation + 1
            from old where o.campaign = @campaign and o.id = old.id and old.new_id is null)
        select calling, new_id is not null, was_withdrawn, count(*) from old group by 1, 2, 3
        """;

    private const string Count =
        """
        insert into campaign_count as c (campaign, shard, waiting, calling, withdrawn)
        values (@campaign, -1, @waiting, @calling, @withdrawn)
        on conflict (campaign, shard) do update set
            waiting = c.waiting + excluded.waiting, calling = c.calling + excluded.calling, withdrawn = c.withdrawn + excluded.withdrawn
        """;

    /// <summary>Puts the list into force with the commit of the transaction, and moves the counters of the campaign with it.</summary>
    /// <param name="connection">In the transaction that copied the list in; its session has the table of <see cref="Meeting"/>.</param>
    /// <param name="request">Whose list, and how.</param>
    /// <param name="place">Where it belongs.</param>
    /// <param name="inserted">How many contacts were copied in.</param>
    /// <param name="cancellationToken">Ends it; the transaction must then be rolled back.</param>
    public static async Task TakeForceAsync(
        NpgsqlConnection connection, ListImportRequest request, ListPlace place, long inserted, CancellationToken cancellationToken)
    {
        var (waiting, calling, withdrawn) = (inserted, 0L, 0L);
        if (place.Edition != place.Before)
            await RunAsync(connection, TakeForce, request, place, cancellationToken);
        if (place.MeetsEarlier)
        {
            await RunAsync(connection, LockInFlight, request, place, cancellationToken);
            // A statement of its own: it must see attempts that ended while it waited for their locks.
            await using var command = Command(connection, MoveInFlight, request, place);
            await using var moved = await command.ExecuteReaderAsync(cancellationToken);
            while (await moved.ReadAsync(cancellationToken))
            {
                var (isCalled, again, wasWithdrawn, count) = (moved.GetBoolean(0), moved.GetBoolean(1), moved.GetBoolean(2), moved.GetInt64(3));
                // Who is in both stays what it is; the row that was copied in for it is gone.
                waiting -= again || !isCalled ? count : 0;
                calling += wasWithdrawn ? count : !again && isCalled ? -count : 0;
                withdrawn += wasWithdrawn ? -count : again ? 0 : count;
            }
        }

        await using var counters = Command(connection, Count, request, place);
        counters.Parameters.AddWithValue("waiting", waiting);
        counters.Parameters.AddWithValue("calling", calling);
        counters.Parameters.AddWithValue("withdrawn", withdrawn);
        await counters.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task RunAsync(
        NpgsqlConnection connection, string sql, ListImportRequest request, ListPlace place, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, request, place);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, ListImportRequest request, ListPlace place)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("campaign", request.CampaignNo);
        command.Parameters.AddWithValue("list", request.ListId);
        command.Parameters.AddWithValue("edition", place.Edition);
        command.Parameters.AddWithValue("before", place.Before);
        return command;
    }
}
