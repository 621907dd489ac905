using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Rest;

/// <summary>A database with two campaigns, to be filled with contacts and attempts by hand.</summary>
public abstract class ReadSideFixture(PrivatePostgres postgres) : IAsyncLifetime
{
    protected static readonly DateTimeOffset Noon = new(2026, 3, 9, 12, 0, 0, TimeSpan.Zero);

    protected NpgsqlDataSource Database { get; private set; } = null!;
    protected int Campaign { get; private set; }
    protected int Other { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Database = DatabaseRegistration.CreateDataSource(new DatabaseOptions { ConnectionString = await postgres.CreateDatabaseAsync() });
        Campaign = await Number("insert into campaign (tenant, id) values ('example', 'debts') returning no");
        Other = await Number("insert into campaign (tenant, id) values ('example', 'other') returning no");
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a contact and answers its id.</summary>
    protected Task<long> Contact(
        string name, short state = 0, string number = "+79161234567", string variables = "{}", DateTimeOffset? due = null, short? verdict = null,
        int? campaign = null) =>
        Scalar<long>(
            """
            insert into contact (campaign, list, person, name, numbers, variables, state, next_due_at, last_verdict)
            values (@campaign, 1, gen_random_uuid(), @name, array[@number], @variables, @state, @due, @verdict) returning id
            """,
            ("campaign", campaign ?? Campaign), ("name", name), ("number", number), ("variables", variables), ("state", state),
            ("due", due), ("verdict", verdict));

    /// <summary>Adds an attempt and answers its id.</summary>
    protected async Task<Guid> Attempt(
        long contact, DateTimeOffset started, DateTimeOffset? answered = null, DateTimeOffset? ended = null, short? verdict = null,
        string number = "+79161234567", int? campaign = null)
    {
        var id = Guid.CreateVersion7(started);
        await Scalar<object>(
            """
            insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at, answered_at, ended_at,
                verdict, cause, keys)
            values (@campaign, @id, @contact, 0, 'Igor', @number, 0, 'example/main', 'node', @started, @answered, @ended, @verdict, 16, '1')
            returning id
            """,
            ("campaign", campaign ?? Campaign), ("id", id), ("contact", contact), ("number", number), ("started", started),
            ("answered", answered), ("ended", ended), ("verdict", verdict));
        return id;
    }

    private Task<int> Number(string sql) => Scalar<int>(sql);

    private async Task<T> Scalar<T>(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(value switch
            {
                null when name == "verdict" => new NpgsqlParameter(name, NpgsqlTypes.NpgsqlDbType.Smallint) { Value = DBNull.Value },
                null => new NpgsqlParameter(name, NpgsqlTypes.NpgsqlDbType.TimestampTz) { Value = DBNull.Value },
                _ => new NpgsqlParameter(name, value),
            });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }
}
