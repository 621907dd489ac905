using System.Data;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>A connection that is kept, for one user at a time, and opened anew when it broke.</summary>
internal sealed class StandingConnection(NpgsqlDataSource database) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>A command on the connection. The one before must be over.</summary>
    /// <exception cref="NpgsqlException">The database can't be reached.</exception>
    public async Task<NpgsqlCommand> CommandAsync(string statement, CancellationToken cancellationToken)
    {
        if (_connection is not { State: ConnectionState.Open })
        {
            await DisposeAsync();
            _connection = await database.OpenConnectionAsync(cancellationToken);
        }

        return new NpgsqlCommand(statement, _connection);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
