using Dialer.Grains.Interfaces.Contacts;
using Dialer.Web.Components.Campaigns;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Contacts;

/// <summary>The contacts of a campaign; filter and page are in the address.</summary>
public sealed partial class ContactsTab : ComponentBase
{
    private string? _state;
    private string? _number;
    private (string?, string?)? _shown;

    [Parameter, EditorRequired] public required string Tenant { get; set; }

    [Parameter, EditorRequired] public required string Campaign { get; set; }

    /// <summary>The campaign's short number in the database.</summary>
    [Parameter, EditorRequired] public int Number { get; set; }

    [Parameter, EditorRequired] public required TimeZoneInfo Zone { get; set; }

    /// <summary>The address's <c>state</c>.</summary>
    [Parameter] public string? StateText { get; set; }

    /// <summary>The address's <c>number</c>.</summary>
    [Parameter] public string? NumberText { get; set; }

    /// <summary>The address's <c>cursor</c>.</summary>
    [Parameter] public string? Cursor { get; set; }

    [Inject] private ICampaignRows Rows { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private ContactRowFilter Filter => new(
        Enum.TryParse<ContactState>(StateText, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null,
        Digits(NumberText));

    /// <summary>What can stand in a number, without the brackets and spaces that people copy with it.</summary>
    internal static string? Digits(string? text)
    {
        var digits = string.Concat((text ?? "").Where(char.IsAsciiDigit));
        return digits.Length == 0 ? null : digits;
    }

    // Each new figure of the campaign comes here, too, and takes nothing away of what is being typed.
    protected override void OnParametersSet()
    {
        if (_shown == (StateText, NumberText))
            return;
        _shown = (StateText, NumberText);
        (_state, _number) = (Filter.State?.ToString() ?? "", NumberText);
    }

    private Task<RowPage<ContactView>> Load(CancellationToken cancellationToken) => Rows.Contacts(Number, Filter, Cursor, cancellationToken);

    private void Apply() => Navigation.NavigateTo(Address(
        new ContactRowFilter(Enum.TryParse<ContactState>(_state, out var state) ? state : null, Digits(_number)), null));

    private string Address(ContactRowFilter filter, string? cursor) => Navigation.GetUriWithQueryParameters(
        $"/t/{Tenant}/campaigns/{Campaign}",
        new Dictionary<string, object?>
        {
            ["tab"] = "contacts", ["state"] = filter.State?.ToString(), ["number"] = filter.Number, ["cursor"] = cursor,
        });
}
