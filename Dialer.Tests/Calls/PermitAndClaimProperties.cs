using CsCheck;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>
/// Lines and claims against a model: owners that die and wake, and go on as if they had not; statements that fail, or whose answer is
/// lost; ends and releases that come late, twice or never; lists that are replaced meanwhile. After every step <see cref="PermitWorld"/>
/// looks whether the rules still hold. A failure prints its seed and the shortest case that was found;
/// <c>CsCheck_Seed=… </c> runs it again, <c>CsCheck_Time=600</c> tries new cases for ten minutes.
/// </summary>
public sealed class PermitAndClaimProperties(PrivatePostgres postgres)
{
    // How often each of them comes: what makes up a call comes often, or nothing would be in flight when something dies.
    private static readonly Gen<string> s_what = Gen.Frequency(
        (24, "pump"), (26, "start"), (16, "hangUp"), (16, "end"), (30, "release"), (4, "reconcile"), (8, "tick"),
        (2, "claim"), (2, "want"), (4, "match"), (2, "giveBack"), (1, "grantIsLost"), (14, "giveUpOrder"),
        (3, "operatorWants"), (3, "ring"), (3, "operatorHangsUp"),
        (4, "timePasses"), (2, "replaceList"), (1, "addToList"),
        (3, "trunkWakes"), (1, "deadTrunkWakes"), (3, "trunkCountsAgain"), (2, "oldTrunkGrants"),
        (3, "campaignWakes"), (2, "deadCampaignWakes"), (3, "cut"));

    private static readonly Gen<Act> s_act = Gen.Select(
        s_what, Gen.Int[0, 1000], Gen.Bool, Gen.Frequency((12, Fault.None), (1, Fault.NotSent), (1, Fault.AnswerLost)),
        Gen.Frequency((2, ""), (3, "owner"), (1, "contact"), (1, "campaign"), (1, "attempt")),
        (what, pick, together, fault, gate) => new Act(what, pick, together, fault, gate));

    [Fact]
    public async Task No_line_too_many_nobody_called_twice_nobody_forgotten()
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        // A property over nothing would hold, too. What is rare may not come up in a first round.
        string[] expected =
        [
            "start Started", "start TrunkFenced", "start ContactFenced", "operator rung", "operator refused", "end", "end again", "all lines taken",
            "answer lost", "statement cut off", "place lost", "late start",
        ];
        for (var round = 0; round < 5 && !(round > 0 && expected.All(seen.ContainsKey)); round++)
            await SampleAsync(seen);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", seen.OrderBy(s => s.Key).Select(s => $"{s.Key} {s.Value}")));
        Assert.All(expected, what => Assert.Contains(what, seen));
    }

    private Task SampleAsync(Dictionary<string, int> seen) =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 4], s_act.Array[1, 150]).SampleAsync(
            async (lines, share, otherShare, acts) =>
            {
                await using var world = await PermitWorld.CreateAsync(postgres, lines, share, otherShare);
                for (var i = 0; i < acts.Length;)
                {
                    var together = acts.Skip(i).TakeWhile((a, n) => n == 0 || (n < 4 && acts[i + n - 1].WithTheNext)).ToArray();
                    await world.DoAsync(together);
                    await world.CheckAsync();
                    i += together.Length;
                }

                await world.EndAsync();
                foreach (var (what, count) in world.Seen)
                    seen[what] = seen.GetValueOrDefault(what) + count;
            },
            iter: 25, threads: 1);
}

/// <summary>How a statement fares.</summary>
public enum Fault
{
    None,
    /// <summary>It never comes to the database.</summary>
    NotSent,
    /// <summary>It is done, and nobody learns so.</summary>
    AnswerLost,
}

/// <summary>One thing that happens.</summary>
/// <param name="What">A method of <see cref="PermitWorld"/>.</param>
/// <param name="Pick">Which of those that it could happen to.</param>
/// <param name="WithTheNext">At the same time as the next one.</param>
/// <param name="Fault">How its statement fares.</param>
/// <param name="Gate">The table before whose rows those that happen together line up; empty for a free race.</param>
public sealed record Act(string What, int Pick, bool WithTheNext, Fault Fault, string Gate);
