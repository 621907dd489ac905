using Npgsql;

namespace Dialer.Storage.Tenants;

/// <summary>Which tenants there are.</summary>
public sealed class TenantTable(NpgsqlDataSource database)
{
    /// <summary>Ids of all tenants, in order.</summary>
    public async Task<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id from tenant order by id");
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetString(0));
        return ids;
    }

    /// <summary>Notes that a tenant exists, or does no longer; twice does no harm.</summary>
    public async Task SetAsync(string id, bool exists, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(exists
            ? "insert into tenant (id) values ($1) on conflict do nothing"
            : "delete from tenant where id = $1");
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
