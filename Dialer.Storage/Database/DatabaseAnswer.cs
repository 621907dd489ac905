using System.Net.Sockets;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>How the database is now.</summary>
public enum DatabaseState
{
    /// <summary>No answer within two seconds.</summary>
    Away,
    /// <summary>It answers, and takes no writes: as good as away.</summary>
    ReadOnly,
    /// <summary>It answers, and can be written to.</summary>
    Well,
}

/// <summary>Asks the database how it is, for readiness.</summary>
public static class DatabaseAnswer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<DatabaseState> AskAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            await using var connection = await database.OpenConnectionAsync(timeout.Token);
            return await IsReadOnlyAsync(database, connection, timeout.Token) ? DatabaseState.ReadOnly : DatabaseState.Well;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or OperationCanceledException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return DatabaseState.Away;
        }
    }

    /// <summary>
    /// Whether nothing can be written: a standby, a primary that was made one, or one whose <c>default_transaction_read_only</c> is on (as when
    /// its disk is nearly full). A session keeps that setting as it found it, so those that are open are not used again.
    /// </summary>
    internal static async Task<bool> IsReadOnlyAsync(NpgsqlDataSource database, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var question = new NpgsqlCommand("show transaction_read_only", connection);
        if (await question.ExecuteScalarAsync(cancellationToken) is not "on")
            return false;
        database.Clear();
        // Orleans has a pool of its own.
        NpgsqlConnection.ClearAllPools();
        return true;
    }
}
