using Npgsql;

namespace Dialer.Storage.Operators;

/// <summary>An operator's mobile that rings or talks, as one line of a trunk.</summary>
public sealed record OperatorLeg(string Id, string Call, string TrunkKey, string Node);

/// <summary>Written before an operator's mobile is called, so that a trunk that wakes counts it.</summary>
public sealed class OperatorLegs(NpgsqlDataSource database)
{
    /// <summary>Writes a leg; false where the line was granted by a trunk owner that is no longer one.</summary>
    public async Task<bool> StartAsync(OperatorLeg leg, long trunkEpoch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            with fence as materialized (
                select 1 from owner where kind = 'trunk' and key = $3 and epoch = $6 for share)
            insert into operator_leg (id, call, trunk, node, started_at)
            select $1, $2, $3, $4, $5 where exists (select from fence)
            on conflict do nothing
            """);
        command.Parameters.Add(new() { Value = leg.Id });
        command.Parameters.Add(new() { Value = leg.Call });
        command.Parameters.Add(new() { Value = leg.TrunkKey });
        command.Parameters.Add(new() { Value = leg.Node });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = trunkEpoch });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Writes the end of a leg; twice does no harm. Gives back the trunk whose line is free, or null where it had ended.</summary>
    public async Task<string?> EndAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update operator_leg set ended_at = $2 where id = $1 and ended_at is null returning trunk");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Removes legs that ended before that moment.</summary>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from operator_leg where ended_at < $1");
        command.Parameters.Add(new() { Value = before.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Open legs of a node that began before <paramref name="before"/>.</summary>
    public async Task<List<OperatorLeg>> OpenOfNodeAsync(string node, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select id, call, trunk, node from operator_leg where ended_at is null and node = $1 and started_at < $2");
        command.Parameters.Add(new() { Value = node });
        command.Parameters.Add(new() { Value = before.UtcDateTime });
        var legs = new List<OperatorLeg>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            legs.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return legs;
    }
}
