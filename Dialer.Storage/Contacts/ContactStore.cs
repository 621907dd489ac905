using System.Diagnostics;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;
using Npgsql;
using NpgsqlTypes;

namespace Dialer.Storage.Contacts;

/// <summary>The rows of contacts as campaigns claim them and contact grains hold them.</summary>
public sealed class ContactStore(NpgsqlDataSource database)
{
    // Seconds; of a list of millions, most of whom were put off.
    private const int LongestRevision = 600;

    private const string Columns =
        "c.campaign, c.id, c.generation, c.name, c.numbers, c.variables, c.time_zone, c.struck, c.next_number, c.retries_used, c.setbacks, c.claim_epoch, c.attempts";

    /// <summary>
    /// Claims up to <paramref name="limit"/> due contacts for the campaign owner of <paramref name="epoch"/>: retries first, then those
    /// never called.
    /// </summary>
    /// <returns>
    /// Null where the epoch is no longer the owner's. That is not the same as nobody: whoever has lost its place would find nobody for
    /// ever, while those who are due wait.
    /// </returns>
    public async Task<List<ContactRow>?> ClaimAsync(
        int campaign, string ownerKey, long epoch, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        // Two short index scans rather than one long one: waiting retries that are not due yet are never walked over.
        // What a subquery limits, PostgreSQL takes for a tenth of all that wait, and would read the whole table to find those again. So
        // the fresh are limited to the number that is asked for first, and what is claimed is named in an array, which it takes for short.
        await using var command = database.CreateCommand($"""
            with fence as materialized (
                select 1 from owner where kind = 'campaign' and key = $2 and epoch = $3 for share),
            -- Locked, so that a list which comes into force waits for this claim, and the next claim for that list. A claim that
            -- has waited sees none of its rows, and would walk over all of them.
            locked as materialized (
                select edition from campaign where no = $1 and exists (select from fence) for share),
            current as materialized (
                select l.edition from locked l join campaign k on k.no = $1 and k.edition = l.edition),
            again as materialized (
                select id from contact
                where campaign = $1 and edition = (select edition from current) and state = 0 and retrying and next_due_at <= $4
                order by next_due_at limit $5 for update skip locked),
            fresh as materialized (
                select id from (
                    select id from contact
                    where campaign = $1 and edition = (select edition from current) and state = 0 and not retrying and next_due_at <= $4
                    order by next_due_at limit $5 for update skip locked) due
                limit greatest(0, $5 - (select count(*) from again))),
            claimed as (
                update contact c set state = 1, claim_epoch = $3
                where c.campaign = $1 and c.id = any(array(select id from again union all select id from fresh))
                returning {Columns}, c.retrying)
            -- One row without a contact where there is nobody to claim; none at all behind the fence.
            select c.* from fence left join claimed c on true
            """);
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = ownerKey });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = (long)limit });
        var claimed = new List<ContactRow>(limit);
        var (isOwner, retries) = (false, 0);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        // They come in the order of their ids.
        while (await reader.ReadAsync(cancellationToken))
        {
            isOwner = true;
            if (!reader.IsDBNull(0))
                claimed.Insert(reader.GetBoolean(13) ? retries++ : claimed.Count, Read(reader));
        }

        if (!isOwner)
            return null;
        StorageMetrics.ClaimTook(began, claimed.Count);
        return AttemptTraces.AreWatched ? Stamped(claimed, Stopwatch.GetElapsedTime(began)) : claimed;
    }

    /// <summary>
    /// Gives claims back that never became an attempt. <paramref name="notBefore"/> null leaves them due as they were. A claim of
    /// another epoch, or with a running attempt, is left alone.
    /// </summary>
    public async Task ReleaseAsync(
        int campaign, IReadOnlyCollection<long> contacts, long epoch, DateTimeOffset? notBefore, CancellationToken cancellationToken)
    {
        if (contacts.Count == 0)
            return;
        await FreeAsync(
            "c.id = any($2) and c.claim_epoch = $3", "coalesce($4, c.next_due_at)",
            [
                new() { Value = campaign }, new() { Value = contacts.ToArray() }, new() { Value = epoch },
                new() { Value = (object?)notBefore?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            ],
            cancellationToken);
    }

    /// <summary>
    /// Makes claims of earlier owners due again where no attempt came of them; called once by a campaign owner that has just taken
    /// <paramref name="epoch"/>. Claims in mid-flight lock the same rows, so each ends up either as an attempt or as due.
    /// </summary>
    /// <returns>How many there were.</returns>
    public Task<int> RecoverAsync(int campaign, long epoch, CancellationToken cancellationToken) => FreeAsync(
        // Claims are of the list in force: one that comes into force takes them along.
        "c.edition = (select edition from campaign where no = $1) and c.claim_epoch < $2", "c.next_due_at", [new() { Value = campaign }, new() { Value = epoch }], cancellationToken);

    /// <summary>When the next waiting contact is due; null where none waits.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(int campaign, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            with current as materialized (select edition from campaign where no = $1)
            select least(
                (select min(next_due_at) from contact
                 where campaign = $1 and edition = (select edition from current) and state = 0 and retrying),
                (select min(next_due_at) from contact
                 where campaign = $1 and edition = (select edition from current) and state = 0 and not retrying))
            """);
        command.Parameters.Add(new() { Value = campaign });
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime due ? new DateTimeOffset(due, TimeSpan.Zero) : null;
    }

    /// <summary>One contact, or null.</summary>
    public async Task<ContactRow?> ReadAsync(int campaign, long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from contact c where c.campaign = $1 and c.id = $2");
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Any contact of a campaign's present list, or null.</summary>
    public async Task<ContactRow?> AnyAsync(int campaign, CancellationToken cancellationToken)
    {
        // From the end, where the newest list is: what it replaced may be millions of rows.
        await using var command = database.CreateCommand($"""
            select {Columns} from contact c
            where c.campaign = $1 and c.edition = (select edition from campaign where no = $1) and c.state < 4
            order by c.id desc limit 1
            """);
        command.Parameters.Add(new() { Value = campaign });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Has contacts that were put off (outside calling hours) looked at anew; retries keep their time.</summary>
    public async Task ReviseAsync(int campaign, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            update contact set next_due_at = $2
            where campaign = $1 and edition = (select edition from campaign where no = $1) and state = 0 and not retrying and next_due_at > $2
            """);
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.CommandTimeout = LongestRevision;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<int> FreeAsync(string which, string due, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        // Three statements of one transaction. A list that is coming into force is waited for first. Then, a start that holds the
        // contact's lock may be writing its attempt: the second waits for it, the third sees what it wrote; a single one would look for
        // attempts as they were before it waited.
        await using var batch = database.CreateBatch();
        var claims = $"c.campaign = $1 and c.state = 1 and {which}";
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select from campaign where no = $1 for share"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select from contact c where {claims} order by c.id for update"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            update contact c set state = 0, claim_epoch = null, next_due_at = {due}
            where {claims}
              and not exists (select from attempt a where a.campaign = c.campaign and a.contact = c.id and a.ended_at is null)
            """));
        foreach (var command in batch.BatchCommands)
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter.Clone());
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static List<ContactRow> Stamped(List<ContactRow> claimed, TimeSpan took)
    {
        var now = TimeProvider.System.GetUtcNow();
        var times = new ClaimTimes(now - took, now);
        return claimed.ConvertAll(row => row with { Claim = times });
    }

    private static ContactRow Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetInt64(1), row.GetInt32(2), row.GetString(3), row.GetFieldValue<string[]>(4), row.GetString(5),
        row.IsDBNull(6) ? null : row.GetString(6), row.GetInt32(7), row.GetInt16(8), row.GetInt16(9), row.GetInt16(10),
        row.IsDBNull(11) ? 0 : row.GetInt64(11), row.GetInt32(12));
}
