namespace Dialer.Web.Components.Lists;

/// <summary>What became of an upload, as <c>GET …/lists/{id}</c> answers.</summary>
public sealed record ListReport(
    long Id, string State, long Rows, long Contacts, long Rejected, long Duplicates, IReadOnlyList<ListReportProblem>? Problems, string? Dialect = null);

/// <summary>A row that was not taken as it is.</summary>
public sealed record ListReportProblem(long Line, string? Column, string Reason);
