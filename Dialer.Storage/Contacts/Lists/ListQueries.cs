using System.Runtime.CompilerServices;
using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>An upload as its sender sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Mode">What it did to the earlier lists.</param>
/// <param name="State">How far it is.</param>
/// <param name="FileName">What its sender called it; null where that was not told.</param>
/// <param name="Dialect">How the file is written, such as <c>windows-1251 · ; · decimal comma</c>; null until it is known.</param>
/// <param name="Counts">What was in it; zero until it has been read.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="FinishedAt">When it ended; null while it is read.</param>
public sealed record ListSummary(
    long Id,
    ListMode Mode,
    ListState State,
    string? FileName,
    string? Dialect,
    ListCounts Counts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>An upload with the first of its problems.</summary>
/// <param name="Summary">The upload.</param>
/// <param name="Problems">The first problems by line, at most as many as were asked for.</param>
public sealed record ListDetails(ListSummary Summary, IReadOnlyList<ListProblem> Problems);

/// <summary>Reads and begins uploads. Every method is told the campaign, so nobody sees another tenant's lists by a guessed id.</summary>
public sealed class ListQueries(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns =
        "select id, mode, state, file_name, dialect, rows, contacts, rejected, duplicates, warnings, created_at, finished_at from contact_list";

    /// <summary>An importer takes the lock of its list within this time, or never.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>Notes that an upload begins.</summary>
    /// <returns>Its id, for <see cref="ListImportRequest.ListId"/>.</returns>
    public async Task<long> BeginAsync(int campaignNo, ListMode mode, string? fileName, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "insert into contact_list (campaign, mode, file_name, created_at) values (@campaign, @mode, @file, @now) returning id");
        command.Parameters.AddWithValue("campaign", campaignNo);
        command.Parameters.AddWithValue("mode", (short)mode);
        command.Parameters.AddWithValue("file", (object?)fileName?.Replace("\0", "", StringComparison.Ordinal) ?? DBNull.Value);
        command.Parameters.AddWithValue("now", clock.GetUtcNow().ToUniversalTime());
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>One upload of a campaign with its first problems; null where there is none with this id.</summary>
    public async Task<ListDetails?> FindAsync(int campaignNo, long list, int problems, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Columns} where campaign = @campaign and id = @list");
        command.Parameters.AddWithValue("campaign", campaignNo);
        command.Parameters.AddWithValue("list", list);
        ListSummary summary;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            summary = Summary(reader);
        }

        var first = new List<ListProblem>();
        await foreach (var problem in ProblemsAsync(campaignNo, list, problems, cancellationToken))
        {
            first.Add(problem);
        }

        return new ListDetails(summary, first);
    }

    /// <summary>The uploads of a campaign, newest first.</summary>
    public async Task<IReadOnlyList<ListSummary>> ListAsync(int campaignNo, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Columns} where campaign = @campaign order by id desc limit @limit");
        command.Parameters.AddWithValue("campaign", campaignNo);
        command.Parameters.AddWithValue("limit", limit);
        var lists = new List<ListSummary>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            lists.Add(Summary(reader));
        }

        return lists;
    }

    /// <summary>The problems of an upload in the order of its lines, as they come from the database.</summary>
    public async IAsyncEnumerable<ListProblem> ProblemsAsync(
        int campaignNo, long list, long? limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select p.line, p.column_name, p.reason, p.found, p.severity
            from contact_list_problem p join contact_list l on l.id = p.list
            where l.campaign = @campaign and p.list = @list
            order by p.ordinal limit @limit
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("campaign", campaignNo);
        command.Parameters.AddWithValue("list", list);
        command.Parameters.AddWithValue("limit", limit ?? long.MaxValue);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new ListProblem(
                reader.GetInt64(0), Text(reader, 1), reader.GetString(2), Text(reader, 3), (ProblemSeverity)reader.GetInt16(4));
        }
    }

    /// <summary>Writes all problems of an upload as CSV: <c>line,column,reason,found</c>.</summary>
    public async Task WriteProblemsAsync(int campaignNo, long list, TextWriter csv, CancellationToken cancellationToken)
    {
        await csv.WriteAsync("line,column,reason,found\r\n".AsMemory(), cancellationToken);
        await foreach (var problem in ProblemsAsync(campaignNo, list, null, cancellationToken))
        {
            var line = $"{problem.Line},{Quote(problem.Column)},{Quote(problem.Reason)},{Quote(problem.Found)}\r\n";
            await csv.WriteAsync(line.AsMemory(), cancellationToken);
        }
    }

    /// <summary>
    /// Marks lists as failed whose importer is gone, as after a crash. Any process may call this at any time: a list that
    /// is being read is known by the lock that its importer holds.
    /// </summary>
    /// <returns>How many there were.</returns>
    public async Task<int> FailInterruptedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            with gone as materialized (
                select id from contact_list where state = 0 and created_at < @before order by id),
            free as materialized (
                select id from gone where pg_try_advisory_xact_lock(@kind, (id & 2147483647)::int)),
            failed as (
                update contact_list l set state = 2, contacts = 0, finished_at = @now
                from free where l.id = free.id and l.state = 0
                returning l.id)
            insert into contact_list_problem (list, ordinal, line, reason, severity)
            select id, 0, 0, 'The upload was interrupted; nothing was changed. Upload it again.', 0 from failed
            """);
        var now = clock.GetUtcNow().ToUniversalTime();
        command.Parameters.AddWithValue("kind", ListLocks.List);
        command.Parameters.AddWithValue("before", now - Grace);
        command.Parameters.AddWithValue("now", now);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static ListSummary Summary(NpgsqlDataReader reader) =>
        new(
            reader.GetInt64(0),
            (ListMode)reader.GetInt16(1),
            (ListState)reader.GetInt16(2),
            Text(reader, 3),
            Text(reader, 4),
            new ListCounts(reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9)),
            reader.GetFieldValue<DateTimeOffset>(10),
            reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>What was found comes from strangers: a spreadsheet must not take it for a formula.</summary>
    private static string Quote(string? value)
    {
        value = value is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + value : value;
        return $"\"{value?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
