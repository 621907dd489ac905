using System.Net.Sockets;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>Whether the database answers now, for readiness.</summary>
public static class DatabaseAnswer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks the simplest of questions. False where no answer came within two seconds.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<bool> ComesAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(timeout.Token);
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or OperationCanceledException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
