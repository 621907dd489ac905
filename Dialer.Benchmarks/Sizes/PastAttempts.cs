using Dialer.Benchmarks.Calls;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>Attempts of the last month, as calls leave them: the rows, and the counters that moved with them.</summary>
internal static class PastAttempts
{
    // Ids as the silo makes them: of the moment, so that the primary key grows at its end. Verdict 0 is Success, 2 NoAnswer, 3 Busy.
    private const string Insert =
        """
        with k as materialized (select no, tenant from campaign where id = @campaign),
        counted as (
            insert into campaign_count (campaign, shard, done, attempts, answered, talk_ms, v0, v2, v3)
            select no, -2, @attempts, @attempts, @attempts - 2 * (@attempts / 4), (@attempts - 2 * (@attempts / 4)) * 15000,
                @attempts - 2 * (@attempts / 4), @attempts / 4, @attempts / 4
            from k)
        insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at, answered_at, ended_at, step, verdict, cause)
        select k.no, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid,
            -i, 0, 'Example ' || i, '799919' || lpad((i % 100000)::text, 5, '0'), 0, k.tenant || '/main', 'pbx', at,
            case when i % 4 > 1 then at + interval '5 s' end, at + interval '20 s', case when i % 4 > 1 then '100' end,
            case i % 4 when 0 then 2 when 1 then 3 else 0 end, case i % 4 when 0 then 19 when 1 then 17 else 16 end
        from k, generate_series(1, @attempts) i, lateral (select now() - interval '30 days' * ((@attempts - i)::float8 / @attempts) - interval '1 minute') t(at)
        """;

    /// <summary>Writes them for the one campaign.</summary>
    public static async Task InsertAsync(NpgsqlDataSource database, long attempts, CancellationToken cancellationToken)
    {
        await using (var insert = database.CreateCommand(Insert))
        {
            insert.CommandTimeout = 0;
            insert.Parameters.AddWithValue("campaign", CampaignInstallation.Campaign.Split('/')[^1]);
            insert.Parameters.AddWithValue("attempts", attempts);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var analyze = database.CreateCommand("analyze attempt");
        analyze.CommandTimeout = 0;
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What the figures of a campaign would take without counters: reading its attempts.</summary>
    public static async Task<TimeSpan> CountingTakesAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var count = database.CreateCommand("select verdict, count(*), sum(ended_at - answered_at) from attempt group by verdict");
        count.CommandTimeout = 0;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await count.ExecuteNonQueryAsync(cancellationToken);
        return clock.Elapsed;
    }
}
