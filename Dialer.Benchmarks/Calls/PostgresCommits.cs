using System.Diagnostics;
using Npgsql;

namespace Dialer.Benchmarks.Calls;

/// <summary>What the database can do at most: the smallest transactions there are, one after the other on one connection.</summary>
internal static class PostgresCommits
{
    /// <summary>Commits of one small row per second.</summary>
    public static async Task<double> PerSecondAsync(string database, TimeSpan length, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using (var create = new NpgsqlCommand("create table if not exists bench_commit (id bigint)", connection))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var insert = new NpgsqlCommand("insert into bench_commit values (1)", connection);
        await insert.PrepareAsync(cancellationToken);
        var time = Stopwatch.StartNew();
        var commits = 0;
        for (; time.Elapsed < length; commits++)
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        var rate = commits / time.Elapsed.TotalSeconds;
        await using var drop = new NpgsqlCommand("drop table bench_commit", connection);
        await drop.ExecuteNonQueryAsync(cancellationToken);
        return rate;
    }
}
