using Dialer.Grains.Interfaces.Contacts;
using Dialer.Web.Components.Campaigns;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Shared;

/// <summary>Rows of a campaign behind a filter of one choice and a telephone number; filter and page are in the address.</summary>
/// <param name="tab">The address's <c>tab</c>.</param>
/// <param name="choiceKey">What the address calls the choice.</param>
public abstract class FilteredRows(string tab, string choiceKey) : ComponentBase
{
    private (string?, string?)? _shown;

    [Parameter, EditorRequired] public required string Tenant { get; set; }

    [Parameter, EditorRequired] public required string Campaign { get; set; }

    /// <summary>The campaign's short number in the database.</summary>
    [Parameter, EditorRequired] public int Number { get; set; }

    [Parameter, EditorRequired] public required TimeZoneInfo Zone { get; set; }

    /// <summary>The address's choice.</summary>
    [Parameter] public string? ChoiceText { get; set; }

    /// <summary>The address's <c>number</c>.</summary>
    [Parameter] public string? NumberText { get; set; }

    /// <summary>The address's <c>cursor</c>.</summary>
    [Parameter] public string? Cursor { get; set; }

    [Inject] protected ICampaignRows Rows { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    /// <summary>What is chosen and not applied yet.</summary>
    protected string? Choice { get; set; }

    /// <summary>What is typed and not applied yet.</summary>
    protected string? Typed { get; set; }

    /// <summary>The digits of a number that are looked for.</summary>
    protected string? DigitsWanted => Digits(NumberText);

    /// <summary>The address's choice as the list of choices has it; empty for any.</summary>
    protected abstract string ChoiceOfAddress { get; }

    /// <summary>What can stand in a number, without the brackets and spaces that people copy with it.</summary>
    private static string? Digits(string? text)
    {
        var digits = string.Concat((text ?? "").Where(char.IsAsciiDigit));
        return digits.Length == 0 ? null : digits;
    }

    // Each new figure of the campaign comes here, too, and takes nothing away of what is being typed.
    protected override void OnParametersSet()
    {
        if (_shown == (ChoiceText, NumberText))
            return;
        _shown = (ChoiceText, NumberText);
        (Choice, Typed) = (ChoiceOfAddress, NumberText);
    }

    protected void Apply() => Navigation.NavigateTo(Address(Choice, Typed, null));

    /// <summary>The address of the rows from that cursor on.</summary>
    protected string Page(string? cursor) => Address(ChoiceOfAddress, NumberText, cursor);

    /// <summary>The address of all rows.</summary>
    protected string Unfiltered => Address(null, null, null);

    private string Address(string? choice, string? number, string? cursor) => Navigation.GetUriWithQueryParameters(
        $"/t/{Tenant}/campaigns/{Campaign}",
        new Dictionary<string, object?>
        {
            ["tab"] = tab, [choiceKey] = string.IsNullOrEmpty(choice) ? null : choice, ["number"] = Digits(number), ["cursor"] = cursor,
        });
}
