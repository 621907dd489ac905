using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Dialer.Storage.Paging;

namespace Dialer.Web.Components.Campaigns;

/// <summary>The rows as the database has them.</summary>
internal sealed class StoredRows(ContactQueries contacts, AttemptQueries attempts) : ICampaignRows
{
    public async Task<RowPage<ContactView>> Contacts(int campaign, ContactRowFilter filter, string? cursor, CancellationToken cancellationToken)
    {
        var wanted = new ContactFilter(filter.State is { } state ? [state] : null, Number: filter.Number);
        return Shown(await contacts.PageAsync(campaign, wanted, From(cursor), cancellationToken));
    }

    public async Task<RowPage<AttemptView>> Attempts(int campaign, AttemptRowFilter filter, string? cursor, CancellationToken cancellationToken)
    {
        var wanted = new AttemptFilter(filter.Open, filter.Verdict is { } verdict ? [verdict] : null, filter.Number);
        return Shown(await attempts.PageAsync(campaign, wanted, From(cursor), cancellationToken));
    }

    // An address that somebody cut short shows the first page.
    private static PageRequest From(string? cursor) =>
        new(Limit: RowPage<object>.Size, After: Cursor.TryParse(cursor, out var after) ? after : null);

    private static RowPage<T> Shown<T>(Page<T> page) => new(page.Items, page.Next?.ToString());
}
