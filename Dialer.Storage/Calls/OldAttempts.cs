using System.Globalization;
using Npgsql;

namespace Dialer.Storage.Calls;

/// <summary>
/// Throws away attempts by their age. Figures of a campaign are counted as calls end, so they stay as they are; its list of attempts becomes
/// shorter. An attempt that has no end yet stays, however old it is: it is what keeps its contact from being called twice.
/// </summary>
public sealed class OldAttempts(NpgsqlDataSource database)
{
    // In short transactions: whoever writes attempts meanwhile waits for none of them.
    private const int AtOnce = 2000;

    // The primary key is campaign and id, and ids are ordered by time: nothing is read but what goes. What another silo has in hand is its to remove.
    private const string Remove = """
        with old as materialized (
            select id from attempt where campaign = $1 and id > $2 and id < $3 and started_at < $4 and ended_at is not null
            order by id limit $5 for update skip locked),
        gone as (delete from attempt a using old where a.campaign = $1 and a.id = old.id)
        select count(*), (select id from old order by id desc limit 1) from old
        """;

    /// <summary>Removes ended attempts that began before that moment; interrupted, it has removed some.</summary>
    /// <returns>How many.</returns>
    public async Task<long> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var gone = 0L;
        foreach (var campaign in await CampaignsAsync(cancellationToken))
        {
            var (count, last) = (0L, Guid.Empty);
            do
            {
                (count, last) = await RemoveAsync(campaign, last, before, cancellationToken);
                gone += count;
            }
            while (count == AtOnce);
        }

        return gone;
    }

    private async Task<List<int>> CampaignsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select no from campaign order by no");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var campaigns = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
            campaigns.Add(reader.GetInt32(0));
        return campaigns;
    }

    private async Task<(long Count, Guid Last)> RemoveAsync(int campaign, Guid after, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Remove);
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = FirstOf(before) });
        command.Parameters.Add(new() { Value = before.UtcDateTime });
        command.Parameters.Add(new() { Value = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? after : reader.GetGuid(1));
    }

    // No id that is made from then on is smaller: version 7 begins with the milliseconds.
    private static Guid FirstOf(DateTimeOffset moment)
    {
        var milliseconds = moment.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture);
        return Guid.Parse($"{milliseconds}{new string('0', 20)}", CultureInfo.InvariantCulture);
    }
}
