using Npgsql;
using NpgsqlTypes;

namespace Dialer.Benchmarks.Sizes;

/// <summary>
/// Contacts that wait in campaigns, written as an upload leaves them, and kept at their number while calls use them up. By SQL, because
/// what is measured is what they cost afterwards.
/// </summary>
internal sealed class WaitingContacts(NpgsqlDataSource database)
{
    private const string GiveLists =
        """
        with made as (
            insert into contact_list (campaign, mode, state, finished_at)
            select no, 0, 1, now() from campaign where id = any(@ids) and edition = 0
            returning id, campaign)
        update campaign k set edition = made.id from made where k.no = made.campaign
        """;

    // Who is missing counts before the rows are there, for the blink of an eye.
    private const string CountMissing =
        """
        with missing as materialized (
            select k.no, k.edition, @each - coalesce((select sum(waiting) from campaign_count c where c.campaign = k.no), 0)::bigint as n
            from campaign k where k.id = any(@ids)),
        counted as (
            insert into campaign_count as c (campaign, shard, waiting) select no, -1, n from missing where n > 0
            on conflict (campaign, shard) do update set waiting = c.waiting + excluded.waiting),
        listed as (
            update contact_list l set rows = l.rows + n, contacts = l.contacts + n from missing m where l.id = m.edition and n > 0)
        select coalesce(array_agg(no), '{}'), coalesce(array_agg(edition), '{}'), coalesce(array_agg(n), '{}') from missing where n > 0
        """;

    private const string Insert =
        """
        insert into contact (campaign, list, edition, person, name, numbers, variables, next_due_at)
        select no, edition, edition, gen_random_uuid(), 'Example ' || i, array['799919' || lpad((i % 100000)::text, 5, '0')], '{"BALANCE":"-68.27"}', now()
        from unnest(@numbers, @editions, @missing) as m(no, edition, n), generate_series(@first, n, @parts) i
        """;

    // Ten million of them come as two streams, for two cores.
    private const int Parts = 2;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(500);

    /// <summary>Fills campaigns up to this many waiting contacts, evenly.</summary>
    public async Task FillAsync(RunningCampaigns campaigns, long waiting, CancellationToken cancellationToken)
    {
        await using (var lists = Command(GiveLists, campaigns))
        {
            await lists.ExecuteNonQueryAsync(cancellationToken);
        }

        await AddMissingAsync(campaigns, waiting, cancellationToken);
    }

    /// <summary>What PostgreSQL does sooner or later by itself, so that it does not come into what is measured: an upload's statistics, and the log's checkpoint.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var statement in (string[])["analyze contact (campaign, edition, state, retrying, next_due_at)", "checkpoint"])
        {
            await using var command = database.CreateCommand(statement);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Fills up what is called, twice a second, until it is cancelled.</summary>
    public async Task KeepAsync(RunningCampaigns campaigns, long waiting, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Often);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await AddMissingAsync(campaigns, waiting, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The calls are over.
        }
    }

    private async Task AddMissingAsync(RunningCampaigns campaigns, long waiting, CancellationToken cancellationToken)
    {
        await using var count = Command(CountMissing, campaigns);
        count.Parameters.AddWithValue("each", waiting / campaigns.Ids.Count);
        await using var missing = await count.ExecuteReaderAsync(cancellationToken);
        await missing.ReadAsync(cancellationToken);
        var (numbers, editions, counts) = (missing.GetFieldValue<int[]>(0), missing.GetFieldValue<long[]>(1), missing.GetFieldValue<long[]>(2));
        await missing.DisposeAsync();
        await Task.WhenAll(Enumerable.Range(1, Parts).Select(async first =>
        {
            await using var insert = database.CreateCommand(Insert);
            insert.CommandTimeout = 0;
            insert.Parameters.AddWithValue("numbers", numbers);
            insert.Parameters.AddWithValue("editions", editions);
            insert.Parameters.AddWithValue("missing", counts);
            insert.Parameters.AddWithValue("first", (long)first);
            insert.Parameters.AddWithValue("parts", (long)Parts);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }));
    }

    private NpgsqlCommand Command(string statement, RunningCampaigns campaigns)
    {
        var command = database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter("ids", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = campaigns.Ids.ToArray() });
        return command;
    }
}
