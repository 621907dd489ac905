using Npgsql;

namespace Dialer.Storage.Calls;

/// <summary>What is in flight: attempts and operator legs without an end. All of it is reached by the small index of open attempts.</summary>
public sealed class OpenAttempts(NpgsqlDataSource database)
{
    /// <summary>Open attempts of a node that began before <paramref name="before"/>.</summary>
    public async Task<List<OpenAttempt>> OfNodeAsync(string node, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select a.campaign, a.id, a.contact, k.tenant || '/' || k.id, a.number, a.number_index, a.trunk, a.node, a.started_at, a.answered_at,
                   a.step, a.keys, a.operator_requested, a.operator
            from attempt a join campaign k on k.no = a.campaign
            where a.ended_at is null and a.node = $1 and a.started_at < $2
            """);
        command.Parameters.Add(new() { Value = node });
        command.Parameters.Add(new() { Value = before.UtcDateTime });
        var open = new List<OpenAttempt>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            open.Add(new(
                reader.GetInt32(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(4), reader.GetInt16(5),
                reader.GetString(6), reader.GetString(7), Instant(reader, 8)!.Value, Instant(reader, 9), Text(reader, 10), Text(reader, 11),
                reader.GetBoolean(12), Text(reader, 13)));
        return open;
    }

    /// <summary>Lines of a trunk that are in use according to what is written: attempt id → campaign key, operator leg id → null.</summary>
    public async Task<Dictionary<string, string?>> OfTrunkAsync(string trunkKey, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select a.id::text, k.tenant || '/' || k.id from attempt a join campaign k on k.no = a.campaign
            where a.ended_at is null and a.trunk = $1
            union all
            select id, null from operator_leg where ended_at is null and trunk = $1
            """);
        command.Parameters.Add(new() { Value = trunkKey });
        var open = new Dictionary<string, string?>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            open[reader.GetString(0)] = Text(reader, 1);
        return open;
    }

    /// <summary>How many attempts of a campaign have no end.</summary>
    public async Task<int> CountOfCampaignAsync(int campaign, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*)::int from attempt where campaign = $1 and ended_at is null");
        command.Parameters.Add(new() { Value = campaign });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column), TimeSpan.Zero);
}
