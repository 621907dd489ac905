using Dialer.Storage.Contacts.Lists;

namespace Dialer.Web.Contacts;

/// <summary>What an accepted upload is answered with.</summary>
/// <param name="Id">The list's id; <c>GET …/lists/{id}</c> tells what was in it.</param>
public sealed record AcceptedList(long Id);

/// <summary>An upload as the REST contract has it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How far the reading is.</param>
/// <param name="Mode">What it did to the earlier lists.</param>
/// <param name="FileName">The uploaded file's name, if it had one.</param>
/// <param name="Dialect">How the file is written: encoding, separator, decimal mark.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Contacts">People taken from it.</param>
/// <param name="Rejected">Rows that cannot be called.</param>
/// <param name="Duplicates">Rows with a person who is there already.</param>
/// <param name="Warnings">Remarks on rows that are called all the same.</param>
/// <param name="CreatedAt">When it was uploaded.</param>
/// <param name="FinishedAt">When the reading ended.</param>
public record ListView(
    long Id, ListState State, ListMode Mode, string? FileName, string? Dialect, long Rows, long Contacts, long Rejected, long Duplicates,
    long Warnings, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    public static ListView Of(ListSummary list) => new(
        list.Id, list.State, list.Mode, list.FileName, list.Dialect, list.Counts.Rows, list.Counts.Contacts, list.Counts.Rejected,
        list.Counts.Duplicates, list.Counts.Warnings, list.CreatedAt, list.FinishedAt);
}

/// <summary>An upload with its first 100 problems.</summary>
public sealed record ListViewWithProblems : ListView
{
    public ListViewWithProblems(ListDetails list) : base(Of(list.Summary)) => Problems = list.Problems;

    /// <summary>The first 100 by line; all of them are at <c>problems.csv</c>.</summary>
    public IReadOnlyList<ListProblem> Problems { get; }
}
