using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>
/// Fences. Whoever owns something (a campaign's claims, a trunk's permits, a node's socket) takes the next epoch when it wakes, and
/// every conditional write of its carries that epoch. An owner that was declared dead and wakes again writes with an old one, and
/// nothing happens.
/// </summary>
public sealed class Owners(NpgsqlDataSource database)
{
    /// <summary>The kind of owner that claims contacts; key <c>tenant/campaign</c>.</summary>
    public const string Campaign = "campaign";

    /// <summary>The kind of owner that grants lines; key <c>tenant/trunk</c>.</summary>
    public const string Trunk = "trunk";

    /// <summary>The kind of owner that holds a node's event socket; key: the node's id.</summary>
    public const string Node = "node";

    /// <summary>
    /// Takes the next epoch. It waits for statements that hold the old one in their hands (they share-lock the row), so that whatever
    /// they wrote is visible to the first read after this returns.
    /// </summary>
    public async Task<long> TakeAsync(string kind, string key, string silo, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            insert into owner (kind, key, epoch, silo, seen_at) values ($1, $2, 1, $3, $4)
            on conflict (kind, key) do update set epoch = owner.epoch + 1, silo = excluded.silo
            returning epoch
            """);
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = silo });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Takes the next epoch for who has <paramref name="epoch"/>, so that whatever went out under that one is refused from now on. Null
    /// where it is the owner no longer: one that has lost its place must not take it back from the one that has it.
    /// </summary>
    public async Task<long?> RenewAsync(string kind, string key, long epoch, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update owner set epoch = epoch + 1 where kind = $1 and key = $2 and epoch = $3 returning epoch");
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = epoch });
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <summary>Notes when the owner last saw all that it owns (a node's calls); false where it is the owner no longer.</summary>
    public async Task<bool> SeenAsync(string kind, string key, long epoch, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update owner set seen_at = $4 where kind = $1 and key = $2 and epoch = $3");
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = at.UtcDateTime });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Whether the owner with this epoch is still the owner.</summary>
    public async Task<bool> IsOwnerAsync(string kind, string key, long epoch, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select 1 from owner where kind = $1 and key = $2 and epoch = $3");
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = epoch });
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>The silo that owns it, by its address with generation; null where nobody ever did.</summary>
    public async Task<string?> SiloAsync(string kind, string key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select silo from owner where kind = $1 and key = $2");
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>When the owner last saw all that it owns; null where there never was one.</summary>
    public async Task<DateTimeOffset?> LastSeenAsync(string kind, string key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select seen_at from owner where kind = $1 and key = $2");
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime seen ? new DateTimeOffset(seen, TimeSpan.Zero) : null;
    }
}
