using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Storage.Contacts.Lists;
using Npgsql;

namespace Dialer.Storage.Campaigns;

/// <summary>How an attempt to remove a campaign ended.</summary>
public enum CampaignRemoval
{
    /// <summary>It is gone, with everything of it.</summary>
    Done,

    /// <summary>Nothing was removed: a call of it has no end yet.</summary>
    HasCall,

    /// <summary>Nothing was removed: a list is taking its place there.</summary>
    TakesList,
}

/// <summary>Campaigns' short numbers, which of them are enabled, and their counters.</summary>
public sealed class CampaignTable(NpgsqlDataSource database)
{
    /// <summary>The short number of a campaign, which it gets when it is first asked for.</summary>
    public async Task<int> NumberAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            -- Of one that is being deleted the number is worth nothing: that is waited for.
            with had as materialized (select no from campaign where tenant = $1 and id = $2 for key share),
            made as (
                insert into campaign (tenant, id) select $1, $2 where not exists (select from had)
                on conflict (tenant, id) do update set id = excluded.id returning no)
            select no from had union all select no from made
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = id });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Notes whether a campaign is enabled, for <see cref="EnabledAsync"/>.</summary>
    public async Task SetEnabledAsync(string tenant, string id, bool enabled, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update campaign set enabled = $3 where tenant = $1 and id = $2 and enabled <> $3");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = enabled });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Keys (<c>tenant/campaign</c>) of the campaigns that are to be awake, and of those with a call that has no end.</summary>
    public async Task<List<string>> EnabledAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select k.tenant || '/' || k.id from campaign k
            where k.enabled or exists (select from attempt a where a.campaign = k.no and a.ended_at is null)
            """);
        var keys = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(reader.GetString(0));
        return keys;
    }

    /// <summary>Removes a campaign and everything of it, or nothing.</summary>
    public async Task<CampaignRemoval> DeleteAsync(int number, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // What a list brings is not seen before its commit. One that takes its place later finds that there is none.
        if (!await ListLocks.TryTakeCampaignForTransactionAsync(connection, number, cancellationToken) || !await TryTakeListsAsync())
            return CampaignRemoval.TakesList;
        // Contacts first: a start that is being written holds its contact and is waited for, and one that comes later finds none.
        await RunAsync("delete from contact where campaign = $1");
        if (await RunAsync("select exists (select from attempt where campaign = $1 and ended_at is null)") is true)
            return CampaignRemoval.HasCall;
        await RunAsync("delete from attempt where campaign = $1");
        await RunAsync("delete from campaign_count where campaign = $1");
        await RunAsync("delete from campaign where no = $1");
        await transaction.CommitAsync(cancellationToken);
        return CampaignRemoval.Done;

        // An upload that has written problems has its list's row, and would be waited for to its end.
        async Task<bool> TryTakeListsAsync()
        {
            try
            {
                await RunAsync("select from contact_list where campaign = $1 for update nowait");
                return true;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                return false;
            }
        }

        async Task<object?> RunAsync(string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection, transaction) { CommandTimeout = 600 };
            command.Parameters.Add(new() { Value = number });
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }

    /// <summary>A campaign's figures, without its lines.</summary>
    public async Task<CampaignStats> StatsAsync(int number, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select coalesce(sum(waiting), 0)::bigint, coalesce(sum(calling), 0)::bigint, coalesce(sum(done), 0)::bigint,
                coalesce(sum(failed), 0)::bigint, coalesce(sum(withdrawn), 0)::bigint, coalesce(sum(attempts), 0)::bigint,
                coalesce(sum(answered), 0)::bigint, coalesce(sum(talk_ms), 0)::bigint, coalesce(sum(operator_requested), 0)::bigint,
                coalesce(sum(operator_connected), 0)::bigint,
                array[sum(v0), sum(v1), sum(v2), sum(v3), sum(v4), sum(v5), sum(v6), sum(v7), sum(v8), sum(v9), sum(v10)]::bigint[]
            from campaign_count where campaign = $1
            """);
        command.Parameters.Add(new() { Value = number });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (waiting, calling, done, failed, withdrawn) =
            (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
        var answered = row.GetInt64(6);
        var talk = TimeSpan.FromMilliseconds(row.GetInt64(7));
        var verdicts = row.GetFieldValue<long?[]>(10);
        return new CampaignStats(
            new ContactCounts(waiting + calling + done + failed + withdrawn, waiting, calling, done, failed, withdrawn),
            new AttemptCounts(row.GetInt64(5), answered, Enum.GetValues<Verdict>().ToDictionary(v => v, v => verdicts[(int)v] ?? 0)),
            new TalkTime(talk, answered == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(talk.Ticks / answered)),
            new OperatorCounts(row.GetInt64(8), row.GetInt64(9)),
            new LineCounts(0, 0));
    }
}
