namespace Dialer.Storage.Paging;

/// <summary>Which part of a long list is wanted.</summary>
/// <param name="Sort">A name of the list's sort orders, with <c>-</c> in front for descending; null for the list's own order.</param>
/// <param name="Limit">Rows at most.</param>
/// <param name="After">Where the previous page ended; null for the first.</param>
public sealed record PageRequest(string? Sort = null, int Limit = PageRequest.DefaultLimit, Cursor? After = null)
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;
}

/// <summary>A part of a long list.</summary>
/// <param name="Items">Its rows.</param>
/// <param name="Next">Where the next page begins, or null behind the last row.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, Cursor? Next);
