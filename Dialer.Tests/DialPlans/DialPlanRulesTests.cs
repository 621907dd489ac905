using CsCheck;
using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces.DialPlans;
using Xunit;

namespace Dialer.Tests.DialPlans;

public sealed class DialPlanRulesTests
{
    private static readonly HashSet<string> Audio = ["greeting", "pay"];
    private static readonly HashSet<string> Operators = ["office"];
    private static readonly HashSet<string> Trunks = ["main"];

    private static Dictionary<string, Extension> Example() => new()
    {
        ["999"] = new AutoInformer { Audio = "greeting", GoTo = "999*1" },
        ["999*1"] = new SayText { Text = "[% VAR:BALANCE %] rub", Type = SayType.Money, GoTo = "999*2" },
        ["999*2"] = new Playback { Audio = "pay", WaitForInput = true },
        ["999*2*1"] = new OperatorQueue { Members = [new("office"), new(Number: "79161234567", Trunk: "main")] },
    };

    private static IReadOnlyList<DialPlanProblem> Check(Dictionary<string, Extension> plan) =>
        DialPlanRules.Check(plan, Audio, Operators, Trunks);

    [Fact]
    public void The_example_is_without_fault() => Assert.Empty(Check(Example()));

    public static TheoryData<string, string, Extension, bool> Faults => new()
    {
        { "7", "goTo", new AutoInformer { Audio = "greeting", GoTo = "8" }, true },
        { "7", "goTo", new AutoInformer { Audio = "greeting", GoTo = "" }, true },
        { "7", "goTo", new AutoInformer { Audio = "greeting", GoTo = "7" }, true },
        { "7", "goTo", new Playback { Audio = "pay", GoTo = "7" }, true },
        { "7", "audio", new AutoInformer { Audio = "none" }, true },
        { "7", "audio", new Playback { Audio = "" }, true },
        { "7", "text", new SayText { Text = " " }, true },
        { "7", "text", new SayText { Text = "[% VAR:BALANCE" }, true },
        { "7", "inputTimeout", new Playback { Audio = "pay", InputTimeout = TimeSpan.FromSeconds(301) }, true },
        { "7", "inputTimeout", new Playback { Audio = "pay", InputTimeout = TimeSpan.FromSeconds(-1) }, true },
        { "7", "ringTimeout", new OperatorQueue { Members = [new("office")], RingTimeout = TimeSpan.Zero }, true },
        { "7", "ringTimeout", new OperatorQueue { Members = [new("office")], RingTimeout = TimeSpan.FromMinutes(6) }, true },
        { "7", "maxWait", new OperatorQueue { Members = [new("office")], MaxWait = TimeSpan.FromHours(2) }, true },
        { "7", "members", new OperatorQueue { Members = [] }, true },
        { "7", "members[0]", new OperatorQueue { Members = [new()] }, true },
        { "7", "members[1]", new OperatorQueue { Members = [new("office"), new("office", "7916", "main")] }, true },
        { "7", "members[0].number", new OperatorQueue { Members = [new(Number: "7916@evil.example", Trunk: "main")] }, true },
        { "7", "members[0].trunk", new OperatorQueue { Members = [new(Number: "7916")] }, true },
        { "7", "members[0].trunk", new OperatorQueue { Members = [new(Number: "7916", Trunk: "other")] }, false },
        { "7", "members[0].operator", new OperatorQueue { Members = [new("nobody")] }, false },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_fault_is_told_with_its_place_and_whether_it_blocks(string number, string field, Extension step, bool blocks)
    {
        var plan = Example();
        plan[number] = step;
        var problem = Assert.Single(Check(plan));
        Assert.Equal((number, field, blocks), (problem.Extension, problem.Field, problem.Blocks));
    }

    [Fact]
    public void Each_endless_loop_is_told_once_with_its_way()
    {
        var plan = Example();
        plan["1"] = new SayText { Text = "a", GoTo = "3" };
        plan["2"] = new SayText { Text = "b", GoTo = "3" };
        plan["3"] = new SayText { Text = "c", GoTo = "4" };
        plan["4"] = new Playback { Audio = "pay", GoTo = "3" };
        var problem = Assert.Single(Check(plan));
        Assert.Equal(("3", "goTo", true), (problem.Extension, problem.Field, problem.Blocks));
        Assert.Contains("3 → 4 → 3", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_that_waits_for_a_key_or_an_operator_is_a_menu()
    {
        var plan = Example();
        plan["999*2"] = new Playback { Audio = "pay", WaitForInput = true, GoTo = "999" };
        plan["999*2*1"] = new OperatorQueue { Members = [new("office")], GoTo = "999*2*1" };
        Assert.Empty(Check(plan));
    }

    // Ten steps that lead anywhere: a walk of more steps than there are must meet somebody or end, unless a loop was told.
    [Fact]
    public void A_plan_without_a_loop_told_always_ends_or_waits() =>
        Gen.Select(Gen.Int[0, 9].Nullable(), Gen.Bool).Array[10].Sample(steps =>
        {
            var plan = steps.Select((s, i) => (Number: $"{i}", Step: new Playback
            {
                Audio = "pay", WaitForInput = s.Item2, GoTo = s.Item1?.ToString(),
            })).ToDictionary(s => s.Number, Extension (s) => s.Step);
            var endless = Enumerable.Range(0, 10).Any(start =>
            {
                string? at = $"{start}";
                for (var i = 0; i <= 10 && at is not null && !((Playback)plan[at]).WaitForInput; i++)
                {
                    at = plan[at].GoTo;
                }

                return at is not null && !((Playback)plan[at]).WaitForInput;
            });
            return endless == Check(plan).Any();
        });

    [Fact]
    public void A_key_leads_to_the_extension_that_bears_it()
    {
        Assert.Equal("999*2*1", DialPlanRules.KeyTarget(Example(), "999*2", "1"));
        Assert.Null(DialPlanRules.KeyTarget(Example(), "999*2", "2"));
        Assert.Null(DialPlanRules.KeyTarget(Example(), "999", "2*1"));
    }

    [Fact]
    public void Steps_are_reached_by_go_to_and_by_keys_that_are_waited_for()
    {
        var plan = Example();
        Assert.Equal(["999", "999*1", "999*2", "999*2*1"], DialPlanRules.Reachable(plan, "999"));
        plan["999*2"] = new Playback { Audio = "pay" };
        Assert.Equal(["999", "999*1", "999*2"], DialPlanRules.Reachable(plan, "999"));
        Assert.Empty(DialPlanRules.Reachable(plan, "1"));
    }

    [Fact]
    public void Variables_are_those_on_the_ways_from_the_entry()
    {
        var plan = Example();
        plan["5"] = new SayText { Text = "[% VAR:ELSEWHERE %]" };
        plan["999*2*2"] = new SayText { Text = "[% VAR:Name %] [% VAR:balance %]", GoTo = "999*2" };
        var variables = DialPlanRules.SpokenVariables(plan, "999");
        Assert.Equal(new Dictionary<string, SayType> { ["BALANCE"] = SayType.Money, ["Name"] = SayType.Text }, variables);
        Assert.True(variables.ContainsKey("balance"));
    }

    [Fact]
    public void A_variable_said_as_text_first_and_as_money_later_counts_as_money()
    {
        var plan = Example();
        plan["1"] = new SayText { Text = "[% VAR:BALANCE %]", GoTo = "999" };
        Assert.Equal(SayType.Money, DialPlanRules.SpokenVariables(plan, "1")["BALANCE"]);
    }
}
