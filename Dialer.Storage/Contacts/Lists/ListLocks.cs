using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// The advisory locks of imports. They belong to the session of the importer, so the server frees them when that process
/// dies: that is how anybody can tell a list being read from one that was interrupted.
/// </summary>
internal static class ListLocks
{
    /// <summary>The first half of the key of a list: «list» on a telephone's keys.</summary>
    public const int List = 5478;

    /// <summary>The first half of the key of a campaign: «camp» on a telephone's keys.</summary>
    public const int Campaign = 2267;

    /// <summary>Takes the lock of a list.</summary>
    public static Task TakeListAsync(NpgsqlConnection connection, long list, CancellationToken cancellationToken) =>
        RunAsync(connection, "select pg_advisory_lock(@kind, @key)", List, list, cancellationToken);

    /// <summary>
    /// Waits for the other uploads to a campaign, and keeps them waiting until <see cref="FreeAsync"/>: the lists of a campaign
    /// take their places one after the other, each to its end.
    /// </summary>
    public static Task TakeCampaignAsync(NpgsqlConnection connection, int campaign, CancellationToken cancellationToken) =>
        RunAsync(connection, "select pg_advisory_lock(@kind, @key)", Campaign, campaign, cancellationToken);

    /// <summary>The same without waiting; false where an upload is at work.</summary>
    public static async Task<bool> TryTakeCampaignAsync(NpgsqlConnection connection, int campaign, CancellationToken cancellationToken) =>
        await RunAsync(connection, "select pg_try_advisory_lock(@kind, @key)", Campaign, campaign, cancellationToken) is true;

    /// <summary>The same until the end of the transaction.</summary>
    public static async Task<bool> TryTakeCampaignForTransactionAsync(NpgsqlConnection connection, int campaign, CancellationToken cancellationToken) =>
        await RunAsync(connection, "select pg_try_advisory_xact_lock(@kind, @key)", Campaign, campaign, cancellationToken) is true;

    /// <summary>Frees all that the session has; a pooled connection would keep them.</summary>
    public static async Task FreeAsync(NpgsqlConnection connection)
    {
        if (connection.State == System.Data.ConnectionState.Open)
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, int kind, long key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            CommandTimeout = 0,
            Parameters = { new("kind", kind), new("key", (int)(key & int.MaxValue)) },
        };
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
