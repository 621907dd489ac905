using System.Globalization;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Web.Components.Words;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Campaigns;

/// <summary>From the rows of the list to a talk with an operator, step by step.</summary>
public sealed partial class Funnel : ComponentBase
{
    [Parameter, EditorRequired] public required CampaignStats Stats { get; set; }

    private IEnumerable<Step> Steps
    {
        get
        {
            var success = Stats.Attempts.ByVerdict.GetValueOrDefault(Verdict.Success);
            (string Name, long Count)[] counts =
            [
                ("Rows", Stats.Contacts.Listed()), ("Dialled", Stats.Attempts.Total), ("Answered", Stats.Attempts.Answered),
                ("Success", success), ("Requested", Stats.Operator.Requested), ("Talked", Stats.Operator.Connected),
            ];
            var most = counts.Max(step => step.Count);
            // Calls are no share of people: a person may be called several times.
            return counts.Select((step, index) => new Step(step.Name, step.Count, index < 2 ? null : counts[index - 1].Count, most));
        }
    }

    private sealed record Step(string Name, long Count, long? Before, long Most)
    {
        public string Style => string.Create(CultureInfo.InvariantCulture, $"width:{(Most == 0 ? 0 : 100.0 * Count / Most):0.#}%");
    }
}
