using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Clears away what a list has replaced: who is not in force any more is withdrawn, and the old rows of those who are in force again
/// are removed. In small statements, each of which moves the counters with its rows, so that it can end anywhere and be finished by
/// anybody; the list counts already.
/// </summary>
public sealed class ListSettlement(NpgsqlDataSource database)
{
    // A call that ends meanwhile may have to wait for one such step.
    private const int Step = 2_000;

    private const string Settle =
        """
        with batch as materialized (
            select id, again is not null as again from meeting where id > @after order by id limit @step),
        old as materialized (
            select o.id, o.state, b.again from batch b join contact o on o.campaign = @campaign and o.id = b.id
            where (o.edition <> @edition or o.state = 4) and o.state <> 1
            order by o.id for update of o),
        withdrawn as (
            update contact o set state = 4 from old where o.campaign = @campaign and o.id = old.id and not old.again and old.state <> 4),
        removed as (
            delete from contact o using old where o.campaign = @campaign and o.id = old.id and old.again),
        counted as (
            insert into campaign_count as c (campaign, shard, waiting, done, failed, withdrawn)
            select @campaign, -1, -count(*) filter (where state = 0), -count(*) filter (where state = 2), -count(*) filter (where state = 3),
                count(*) filter (where state <> 4 and not again) - count(*) filter (where state = 4 and again)
            from old
            on conflict (campaign, shard) do update set
                waiting = c.waiting + excluded.waiting, done = c.done + excluded.done, failed = c.failed + excluded.failed,
                withdrawn = c.withdrawn + excluded.withdrawn)
        select max(id) from batch
        """;

    /// <summary>Finishes what importers left that are gone, as after a crash. Any process may call this at any time.</summary>
    /// <returns>How many campaigns there were.</returns>
    public async Task<int> FinishAsync(CancellationToken cancellationToken)
    {
        var finished = 0;
        foreach (var campaign in await UnsettledAsync(cancellationToken))
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            if (!await ListLocks.TryTakeCampaignAsync(connection, campaign, cancellationToken))
            {
                continue;
            }

            try
            {
                var edition = await EditionAsync(connection, campaign, cancellationToken);
                await Meeting.FindAsync(connection, campaign, edition, cancellationToken);
                await RunAsync(connection, campaign, edition, cancellationToken);
                finished++;
            }
            finally
            {
                await ListLocks.FreeAsync(connection);
            }
        }

        return finished;
    }

    /// <summary>Clears away everything that the table of <see cref="Meeting"/> names, and notes that it is done.</summary>
    internal static async Task RunAsync(NpgsqlConnection connection, int campaign, long edition, CancellationToken cancellationToken)
    {
        try
        {
            var after = 0L;
            await using var step = new NpgsqlCommand(Settle, connection) { CommandTimeout = 0 };
            step.Parameters.AddWithValue("campaign", campaign);
            step.Parameters.AddWithValue("edition", edition);
            step.Parameters.AddWithValue("step", Step);
            var position = step.Parameters.AddWithValue("after", after);
            while (await step.ExecuteScalarAsync(cancellationToken) is long last)
            {
                position.Value = last;
            }

            await using var settled = new NpgsqlCommand("update contact_list set settled = true where campaign = @campaign and not settled", connection);
            settled.Parameters.AddWithValue("campaign", campaign);
            await settled.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await Meeting.ForgetAsync(connection);
            }
        }
    }

    private static async Task<long> EditionAsync(NpgsqlConnection connection, int campaign, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select edition from campaign where no = @campaign", connection);
        command.Parameters.AddWithValue("campaign", campaign);
        return (long)(await command.ExecuteScalarAsync(cancellationToken) ?? 0L);
    }

    private async Task<List<int>> UnsettledAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select distinct campaign from contact_list where not settled");
        var campaigns = new List<int>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            campaigns.Add(rows.GetInt32(0));
        }

        return campaigns;
    }
}
