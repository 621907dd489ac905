using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;

namespace Dialer.Grains.DialPlans;

/// <summary>What a new tenant comes with, ready to edit: a reminder of a debt (docs/rest.md).</summary>
public static class ExamplePlan
{
    /// <summary>The extensions 999 to 999*2*1.</summary>
    public static IReadOnlyDictionary<string, Extension> Extensions { get; } = new Dictionary<string, Extension>
    {
        ["999"] = new AutoInformer { Audio = "greeting", GoTo = "999*1" },
        ["999*1"] = new SayText { Text = "[% VAR:BALANCE %] rub", Type = SayType.Money, GoTo = "999*2" },
        ["999*2"] = new Playback { Audio = "pay", WaitForInput = true },
        ["999*2*1"] = new OperatorQueue { Members = [new QueueMember(Operator: "office")] },
    };

    /// <summary>The texts of its audio in the tenant's language.</summary>
    public static IReadOnlyDictionary<string, string> Texts(string culture) => culture.StartsWith("ru", StringComparison.OrdinalIgnoreCase)
        ? new Dictionary<string, string>
        {
            ["greeting"] = "Здравствуйте, вас беспокоит ТСЖ, ваша задолженность",
            ["pay"] = "Оплатите, пожалуйста, как можно скорее, или нажмите один, чтобы поговорить с бухгалтерией",
        }
        : new Dictionary<string, string>
        {
            ["greeting"] = "Hello, this is your homeowners' association. Your balance is",
            ["pay"] = "Please pay as soon as possible, or press one to talk to our office",
        };
}
