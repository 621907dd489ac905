using Dialer.Grains.Interfaces.Contacts;
using Dialer.Web.Components.Campaigns;
using Dialer.Web.Components.Shared;

namespace Dialer.Web.Components.Contacts;

/// <summary>The contacts of a campaign; the choice is a state.</summary>
public sealed partial class ContactsTab() : FilteredRows("contacts", "state")
{
    protected override string ChoiceOfAddress => Filter.State?.ToString() ?? "";

    private ContactRowFilter Filter => new(
        Enum.TryParse<ContactState>(ChoiceText, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null,
        DigitsWanted);

    private Task<RowPage<ContactView>> Load(CancellationToken cancellationToken) => Rows.Contacts(Number, Filter, Cursor, cancellationToken);
}
