using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// The advisory locks of imports. The one of a list belongs to the session of its importer, so the server frees it when
/// that process dies: that is how anybody can tell a list being read from one that was interrupted.
/// </summary>
internal static class ListLocks
{
    /// <summary>The first half of the key of a list: «list» on a telephone's keys.</summary>
    public const int List = 5478;

    /// <summary>The first half of the key of a campaign: «camp» on a telephone's keys.</summary>
    public const int Campaign = 2267;

    /// <summary>Takes the lock of a list for the session.</summary>
    public static Task TakeListAsync(NpgsqlConnection connection, long list, CancellationToken cancellationToken) =>
        RunAsync(connection, "select pg_advisory_lock(@kind, @key)", List, list, cancellationToken);

    /// <summary>Frees it; a pooled connection would keep it.</summary>
    public static Task FreeListAsync(NpgsqlConnection connection, long list, CancellationToken cancellationToken) =>
        RunAsync(connection, "select pg_advisory_unlock(@kind, @key)", List, list, cancellationToken);

    /// <summary>Waits for the other uploads to a campaign, and keeps them waiting to the end of the transaction.</summary>
    public static Task TakeCampaignAsync(NpgsqlConnection connection, int campaign, CancellationToken cancellationToken) =>
        RunAsync(connection, "select pg_advisory_xact_lock(@kind, @key)", Campaign, campaign, cancellationToken);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, int kind, long key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            CommandTimeout = 0,
            Parameters = { new("kind", kind), new("key", (int)(key & int.MaxValue)) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
