using Npgsql;

namespace Dialer.Storage.Operators;

/// <summary>SIP user names of operators' phones, unique over all tenants.</summary>
public sealed class SipUsers(NpgsqlDataSource database)
{
    /// <summary>The name of an operator's phone: the operator's id, or <c>id.tenant</c> where another tenant has that id already.</summary>
    public async Task<string> NameAsync(string tenant, string @operator, CancellationToken cancellationToken)
    {
        foreach (var name in (string[])[@operator, $"{@operator}.{tenant}"])
        {
            await using var command = database.CreateCommand("""
                with made as (
                    insert into sip_user (name, tenant, operator) values ($1, $2, $3) on conflict do nothing returning name)
                select name from made union all select name from sip_user where tenant = $2 and operator = $3
                """);
            command.Parameters.Add(new() { Value = name });
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = @operator });
            if (await command.ExecuteScalarAsync(cancellationToken) is string taken)
                return taken;
        }

        throw new InvalidOperationException($"Neither '{@operator}' nor '{@operator}.{tenant}' is free as a SIP user name.");
    }

    /// <summary>Gives a name back.</summary>
    public async Task FreeAsync(string tenant, string @operator, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from sip_user where tenant = $1 and operator = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = @operator });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whose phone a name is; null where nobody's.</summary>
    public async Task<(string Tenant, string Operator)?> OwnerAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select tenant, operator from sip_user where name = $1");
        command.Parameters.Add(new() { Value = name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetString(1)) : null;
    }
}
