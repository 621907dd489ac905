using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Web.Components.Campaigns;
using Dialer.Web.Components.Shared;

namespace Dialer.Web.Components.Calls;

/// <summary>The calls of a campaign, the newest first; the choice is a verdict.</summary>
public sealed partial class AttemptsTab() : FilteredRows("attempts", "verdict")
{
    /// <summary>What the filter calls a call that has no verdict yet.</summary>
    private const string Running = "Running";

    protected override string ChoiceOfAddress => Filter.Open is true ? Running : Filter.Verdict?.ToString() ?? "";

    private AttemptRowFilter Filter => new(
        string.Equals(ChoiceText, Running, StringComparison.OrdinalIgnoreCase) ? true : null,
        Enum.TryParse<Verdict>(ChoiceText, ignoreCase: true, out var verdict) && Enum.IsDefined(verdict) ? verdict : null,
        DigitsWanted);

    private Task<RowPage<AttemptView>> Load(CancellationToken cancellationToken) => Rows.Attempts(Number, Filter, Cursor, cancellationToken);
}
