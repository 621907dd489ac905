using Npgsql;

namespace Dialer.Storage.Calls;

/// <summary>What is in flight: attempts and operator legs without an end. Nearly all of it is reached by the small index of open attempts.</summary>
public sealed class OpenAttempts(NpgsqlDataSource database)
{
    private const string Columns = """
        select a.campaign, a.id, a.contact, k.tenant || '/' || k.id, a.number, a.number_index, a.trunk, a.node, a.started_at, a.answered_at,
               a.step, a.keys, a.operator_requested, a.operator, a.decided_at
        """;

    /// <summary>Open attempts of a node that began before <paramref name="before"/>.</summary>
    public async Task<List<OpenAttempt>> OfNodeAsync(string node, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            {Columns}
            from attempt a join campaign k on k.no = a.campaign
            where a.ended_at is null and a.node = $1 and a.started_at < $2
            """);
        command.Parameters.Add(new() { Value = node });
        command.Parameters.Add(new() { Value = before.UtcDateTime });
        var open = new List<OpenAttempt>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            open.Add(Read(reader));
        return open;
    }

    /// <summary>How many open attempts a node has.</summary>
    public async Task<int> CountOfNodeAsync(string node, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*)::int from attempt where ended_at is null and node = $1");
        command.Parameters.Add(new() { Value = node });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Answered open attempts of a node, with the moments of their answers.</summary>
    public async Task<Dictionary<string, DateTimeOffset>> AnsweredOfNodeAsync(string node, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select id::text, answered_at from attempt where ended_at is null and node = $1 and answered_at is not null");
        command.Parameters.Add(new() { Value = node });
        var answered = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            answered[reader.GetString(0)] = Instant(reader, 1)!.Value;
        return answered;
    }

    /// <summary>Nodes that have an open attempt or operator's leg.</summary>
    public async Task<IReadOnlyList<string>> NodesAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select node from attempt where ended_at is null union select node from operator_leg where ended_at is null
            """);
        var nodes = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            nodes.Add(reader.GetString(0));
        return nodes;
    }

    /// <summary>One open attempt; null where there is none, or it has ended.</summary>
    /// <param name="campaign">The number of its campaign, where that is known: of a thousand, only one is looked into.</param>
    public async Task<OpenAttempt?> ReadAsync(Guid id, int? campaign, CancellationToken cancellationToken)
    {
        // By the key, in each campaign: the index of open attempts has also all that have ended since it was last cleaned, and was read as a whole,
        // 41 ms for each call that a sweep of its node finds over. For the same reason «without an end» is said so that it does not offer itself.
        await using var command = database.CreateCommand($"""
            {Columns}
            from campaign k cross join lateral (
                select * from attempt one where one.campaign = k.no and one.id = $1 and coalesce(one.ended_at, 'infinity') = 'infinity' offset 0) a
            where k.no = coalesce($2, k.no)
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (object?)campaign ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
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

    private static OpenAttempt Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetGuid(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetInt16(5), row.GetString(6),
        row.GetString(7), Instant(row, 8)!.Value, Instant(row, 9), Text(row, 10), Text(row, 11), row.GetBoolean(12), Text(row, 13),
        Instant(row, 14));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column), TimeSpan.Zero);
}
