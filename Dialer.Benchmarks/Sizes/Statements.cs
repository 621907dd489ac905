using System.Globalization;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>What PostgreSQL has counted of some statements (pg_stat_statements).</summary>
/// <param name="Calls">How often.</param>
/// <param name="Rows">What they returned or changed.</param>
/// <param name="Ms">Time in the server, planning included.</param>
internal sealed record Statements(long Calls, long Rows, double Ms)
{
    /// <summary>Server settings without which nothing is counted. What is no query is not: a pool's connection begins with seven resets.</summary>
    public static readonly IReadOnlyList<string> Settings =
        ["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on", "pg_stat_statements.track_utility=off"];

    /// <summary>A part of the claim's text that no other statement has.</summary>
    public const string Claim = "%skip locked%";

    /// <summary>Begins to count anew.</summary>
    public static async Task ResetAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("create extension if not exists pg_stat_statements; select pg_stat_statements_reset()");
        // A commit behind millions of rows that were just inserted waits for the disk.
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Those whose text is like <paramref name="pattern"/>, since the last reset; without those of this class.</summary>
    public static async Task<Statements> OfAsync(NpgsqlDataSource database, string pattern, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select coalesce(sum(calls), 0)::bigint, coalesce(sum(rows), 0)::bigint, coalesce(sum(total_exec_time + total_plan_time), 0)::float8
            from pg_stat_statements where query ilike $1 and query not ilike '%pg_stat_statements%'
            """);
        command.Parameters.Add(new() { Value = pattern });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new Statements(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2));
    }

    /// <summary>The most frequent ones, for people.</summary>
    public static async Task<string> MostFrequentAsync(NpgsqlDataSource database, TimeSpan within, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select calls, left(regexp_replace(query, '\s+', ' ', 'g'), 60) from pg_stat_statements
            where query not ilike '%pg_stat_statements%' order by calls desc limit 4
            """);
        var found = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0) / within.TotalSeconds:0.0}/s «{row.GetString(1)} …»"));
        }

        return string.Join(", ", found);
    }
}
