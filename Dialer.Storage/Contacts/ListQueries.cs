using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Npgsql;

namespace Dialer.Storage.Contacts;

/// <summary>How far the reading of a list is.</summary>
public enum ListState { Reading, Done, Failed }

/// <summary>What the upload of a list does with the people who are there already.</summary>
public enum ListMode { Replace, Add }

/// <summary>What became of a row.</summary>
public enum ListProblemSeverity { Rejected, Duplicate, Warning }

/// <summary>A row of a list that was not taken as it is.</summary>
/// <param name="Line">The line in the file, from 1.</param>
/// <param name="Column">The column at fault, where one is.</param>
/// <param name="Reason">What is wrong, in words.</param>
/// <param name="Found">What stood there.</param>
/// <param name="Severity">What became of the row.</param>
public sealed record ListProblemView(long Line, string? Column, string Reason, string? Found, ListProblemSeverity Severity);

/// <summary>An upload as it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How far the reading is.</param>
/// <param name="Mode">Replace or add.</param>
/// <param name="FileName">The uploaded file's name, if it had one.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Contacts">People taken from it.</param>
/// <param name="Rejected">Rows that were not taken.</param>
/// <param name="Duplicates">Rows that repeat a person.</param>
/// <param name="Warnings">Rows that were taken with a remark.</param>
/// <param name="Dialect">What the file turned out to be: encoding, separator, decimal mark.</param>
/// <param name="CreatedAt">When it was uploaded.</param>
/// <param name="FinishedAt">When the reading ended.</param>
/// <param name="Problems">The first of its bad rows; left out in the list of lists.</param>
public sealed record ListView(
    long Id, ListState State, ListMode Mode, string? FileName, long Rows, long Contacts, long Rejected, long Duplicates, long Warnings,
    string? Dialect, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ListProblemView>? Problems = null);

/// <summary>Reads uploads and their bad rows for people.</summary>
public sealed class ListQueries(NpgsqlDataSource database)
{
    private const int FirstProblems = 100;
    private const int NewestLists = 1000;

    private const string Columns = "id, state, mode, file_name, rows, contacts, rejected, duplicates, warnings, dialect, created_at, finished_at";

    /// <summary>The campaign's uploads, the newest first.</summary>
    public async Task<IReadOnlyList<ListView>> NewestAsync(int campaign, CancellationToken cancellationToken = default)
    {
        await using var command = database.CreateCommand($"select {Columns} from contact_list where campaign = $1 order by id desc limit $2");
        command.Parameters.AddWithValue(campaign);
        command.Parameters.AddWithValue(NewestLists);
        var lists = new List<ListView>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            lists.Add(Read(reader));
        return lists;
    }

    /// <summary>One upload with its first 100 bad rows, or null where the campaign has none of that id.</summary>
    public async Task<ListView?> FindAsync(int campaign, long id, CancellationToken cancellationToken = default)
    {
        ListView? list;
        await using (var command = database.CreateCommand($"select {Columns} from contact_list where campaign = $1 and id = $2"))
        {
            command.Parameters.AddWithValue(campaign);
            command.Parameters.AddWithValue(id);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            list = await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
        }

        if (list is null)
            return null;
        var problems = new List<ListProblemView>();
        await foreach (var problem in ProblemsAsync(id, FirstProblems, cancellationToken))
            problems.Add(problem);
        return list with { Problems = problems };
    }

    /// <summary>All bad rows of an upload, in the order of the file.</summary>
    public IAsyncEnumerable<ListProblemView> ProblemsAsync(long list, CancellationToken cancellationToken = default) =>
        ProblemsAsync(list, long.MaxValue, cancellationToken);

    private async IAsyncEnumerable<ListProblemView> ProblemsAsync(
        long list, long limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select line, column_name, reason, found, severity from contact_list_problem where list = $1 order by ordinal limit $2");
        command.Parameters.AddWithValue(list);
        command.Parameters.AddWithValue(limit);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new ListProblemView(
                reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), (ListProblemSeverity)reader.GetInt16(4));
        }
    }

    private static ListView Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), (ListState)row.GetInt16(1), (ListMode)row.GetInt16(2), row.IsDBNull(3) ? null : row.GetString(3),
        row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.IsDBNull(9) ? null : row.GetString(9),
        row.GetFieldValue<DateTimeOffset>(10), row.IsDBNull(11) ? null : row.GetFieldValue<DateTimeOffset>(11));
}
