using System.Globalization;
using Npgsql;

namespace Dialer.Benchmarks.Imports;

/// <summary>
/// The statements of the silo as the database sees them, looked at every 20 ms: claims, starts and ends of calls. How long the longest
/// took is how long a call had to wait for the database.
/// </summary>
internal sealed class StatementWatch(NpgsqlDataSource database)
{
    /// <summary>How long the longest statement took.</summary>
    public double LongestMs { get; private set; }

    /// <summary>The beginning of that statement, and what it was at when it was last looked at.</summary>
    public string Longest { get; private set; } = "none";

    /// <summary>Looks until it is cancelled.</summary>
    public async Task LookUntilAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            do
            {
                await LookAsync(connection, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Enough was seen.
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{LongestMs:0} ms ({Longest})");

    private async Task LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select (extract(epoch from clock_timestamp() - query_start) * 1000)::float8,
                left(regexp_replace(query, '\s+', ' ', 'g'), 70) || ' …, ' || coalesce('waiting for ' || wait_event, 'working')
            from pg_stat_activity where application_name = 'dialer-silo' and state = 'active' order by 1 desc limit 1
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken) && reader.GetDouble(0) > LongestMs)
        {
            (LongestMs, Longest) = (Math.Round(reader.GetDouble(0), 1), reader.GetString(1));
        }
    }
}
