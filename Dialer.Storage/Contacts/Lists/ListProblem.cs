namespace Dialer.Storage.Contacts.Lists;

/// <summary>What a problem means for its row; the numbers are those in <c>contact_list_problem.severity</c>.</summary>
public enum ProblemSeverity : short
{
    /// <summary>The row is not called.</summary>
    Rejected,

    /// <summary>The person is called once, by another row.</summary>
    Duplicate,

    /// <summary>The row is called; somebody should look at it.</summary>
    Warning,
}

/// <summary>Something wrong in a list.</summary>
/// <param name="Line">The line of the file, from 1, at which the row starts; 0 for the file as a whole.</param>
/// <param name="Column">The header of the column, as the file has it; null for the row as a whole.</param>
/// <param name="Reason">What is wrong and what to do, for a person.</param>
/// <param name="Found">What stands there, shortened; null for nothing.</param>
/// <param name="Severity">What it means for the row.</param>
public sealed record ListProblem(long Line, string? Column, string Reason, string? Found, ProblemSeverity Severity);
