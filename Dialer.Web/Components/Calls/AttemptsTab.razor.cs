using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Web.Components.Campaigns;
using Dialer.Web.Components.Contacts;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Calls;

/// <summary>The calls of a campaign, the newest first; filter and page are in the address.</summary>
public sealed partial class AttemptsTab : ComponentBase
{
    /// <summary>What the filter calls a call that has no verdict yet.</summary>
    private const string Running = "Running";

    private string? _verdict;
    private string? _number;
    private (string?, string?)? _shown;

    [Parameter, EditorRequired] public required string Tenant { get; set; }

    [Parameter, EditorRequired] public required string Campaign { get; set; }

    /// <summary>The campaign's short number in the database.</summary>
    [Parameter, EditorRequired] public int Number { get; set; }

    [Parameter, EditorRequired] public required TimeZoneInfo Zone { get; set; }

    /// <summary>The address's <c>verdict</c>.</summary>
    [Parameter] public string? VerdictText { get; set; }

    /// <summary>The address's <c>number</c>.</summary>
    [Parameter] public string? NumberText { get; set; }

    /// <summary>The address's <c>cursor</c>.</summary>
    [Parameter] public string? Cursor { get; set; }

    [Inject] private ICampaignRows Rows { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private AttemptRowFilter Filter => new(
        string.Equals(VerdictText, Running, StringComparison.OrdinalIgnoreCase) ? true : null,
        Enum.TryParse<Verdict>(VerdictText, ignoreCase: true, out var verdict) && Enum.IsDefined(verdict) ? verdict : null,
        ContactsTab.Digits(NumberText));

    // Each new figure of the campaign comes here, too, and takes nothing away of what is being typed.
    protected override void OnParametersSet()
    {
        if (_shown == (VerdictText, NumberText))
            return;
        _shown = (VerdictText, NumberText);
        (_verdict, _number) = (Filter.Open is true ? Running : Filter.Verdict?.ToString() ?? "", NumberText);
    }

    private Task<RowPage<AttemptView>> Load(CancellationToken cancellationToken) => Rows.Attempts(Number, Filter, Cursor, cancellationToken);

    private void Apply() => Navigation.NavigateTo(Address(_verdict, _number, null));

    private string Address(string? verdict, string? number, string? cursor) => Navigation.GetUriWithQueryParameters(
        $"/t/{Tenant}/campaigns/{Campaign}",
        new Dictionary<string, object?>
        {
            ["tab"] = "attempts", ["verdict"] = string.IsNullOrEmpty(verdict) ? null : verdict, ["number"] = ContactsTab.Digits(number), ["cursor"] = cursor,
        });
}
