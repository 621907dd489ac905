using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Who of those who do not count any more is in force again: the temporary table <c>meeting</c> (id, and the id of the row in
/// force or null) of a session. It holds for as long as the lock of the campaign is held.
/// </summary>
internal static class Meeting
{
    private const string Create =
        "create temporary table if not exists meeting (id bigint primary key, again bigint); truncate meeting";

    // Old and new rows are compared as wholes, and no statistics know of rows that were copied in a moment ago: a plan of
    // nested loops would compare a million with a million. (There is no index on person; see 0002_dialer.sql.)
    private const string CompareWholes = "set enable_nestloop = off; set work_mem = '64MB'";

    private const string Fill =
        """
        insert into meeting (id, again)
        select o.id, n.id
        from contact o
        left join contact n on n.campaign = @campaign and n.edition = @edition and n.state <> 4 and n.person = o.person
        where o.campaign = @campaign and (o.edition <> @edition or o.state = 4) and (o.state < 4 or n.id is not null)
        order by o.id
        """;

    // The few rows of each later statement are reached by their ids, never by reading the whole table.
    private const string OneByOne = "analyze meeting; reset enable_nestloop; reset work_mem; set enable_hashjoin = off; set enable_mergejoin = off";

    private const string Forget = "drop table if exists meeting; reset enable_nestloop; reset work_mem; reset enable_hashjoin; reset enable_mergejoin";

    /// <summary>Finds all who are not of the edition; takes no locks.</summary>
    public static async Task FindAsync(NpgsqlConnection connection, int campaign, long edition, CancellationToken cancellationToken)
    {
        await RunAsync(connection, Create, cancellationToken);
        await RunAsync(connection, CompareWholes, cancellationToken);
        await using (var fill = new NpgsqlCommand(Fill, connection) { CommandTimeout = 0 })
        {
            fill.Parameters.AddWithValue("campaign", campaign);
            fill.Parameters.AddWithValue("edition", edition);
            await fill.ExecuteNonQueryAsync(cancellationToken);
        }

        await RunAsync(connection, OneByOne, cancellationToken);
    }

    /// <summary>Removes the table, and what was set for the session with it.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection) => RunAsync(connection, Forget, CancellationToken.None);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
