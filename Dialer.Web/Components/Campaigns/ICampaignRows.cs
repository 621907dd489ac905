using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;

namespace Dialer.Web.Components.Campaigns;

/// <summary>The long tables of a campaign, a page at a time.</summary>
public interface ICampaignRows
{
    /// <summary>Contacts in the order of their list.</summary>
    Task<RowPage<ContactView>> Contacts(int campaign, ContactRowFilter filter, string? cursor, CancellationToken cancellationToken);

    /// <summary>Attempts, the newest first.</summary>
    Task<RowPage<AttemptView>> Attempts(int campaign, AttemptRowFilter filter, string? cursor, CancellationToken cancellationToken);
}

/// <summary>A page of rows.</summary>
/// <param name="Items">At most <see cref="Size"/>.</param>
/// <param name="Next">Where the next page begins, fit for an address; null behind the last row.</param>
public sealed record RowPage<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>Rows of a page.</summary>
    public const int Size = 25;
}

/// <summary>Which contacts are wanted; null means any.</summary>
public sealed record ContactRowFilter(ContactState? State, string? Number)
{
    public bool IsSet => this is not { State: null, Number: null };
}

/// <summary>Which attempts are wanted; null means any. <paramref name="Open"/> is for calls that are running.</summary>
public sealed record AttemptRowFilter(bool? Open, Verdict? Verdict, string? Number)
{
    public bool IsSet => this is not { Open: null, Verdict: null, Number: null };
}
