using CsCheck;
using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Calls;
using Xunit;

namespace Dialer.Tests.Calls;

public sealed class VerdictRuleTests
{
    private static readonly TimeSpan Minimum = TimeSpan.FromSeconds(10);

    [Theory]
    // As a real Asterisk reported them.
    [InlineData(17, "486", "BUSY", Verdict.Busy)]
    [InlineData(19, "480", "RINGING", Verdict.NoAnswer)]
    [InlineData(34, "503", "CONGESTION", Verdict.Congestion)]
    [InlineData(1, "404", "NOANSWER", Verdict.InvalidNumber)]
    [InlineData(21, "403", "NOANSWER", Verdict.Rejected)]
    [InlineData(38, "500", "NOANSWER", Verdict.TrunkDown)]
    [InlineData(18, "408", "NOANSWER", Verdict.TrunkDown)]
    // 408 and 18 after a sign of life.
    [InlineData(18, "408", "RINGING", Verdict.NoAnswer)]
    [InlineData(18, "408", "PROGRESS", Verdict.NoAnswer)]
    [InlineData(18, null, "RINGING", Verdict.NoAnswer)]
    [InlineData(18, null, "", Verdict.TrunkDown)]
    [InlineData(null, "408", "", Verdict.TrunkDown)]
    // A ringing time-out at a silent gateway, before Asterisk can tell.
    [InlineData(19, null, "", Verdict.TrunkDown)]
    [InlineData(19, "480", "", Verdict.TrunkDown)]
    [InlineData(19, "480", "NOANSWER", Verdict.NoAnswer)]
    // The same where nobody listened for a while, and nobody knows whether it rang.
    [InlineData(18, "408", null, Verdict.NoAnswer)]
    [InlineData(18, null, null, Verdict.NoAnswer)]
    [InlineData(19, "480", null, Verdict.NoAnswer)]
    [InlineData(19, null, null, Verdict.NoAnswer)]
    [InlineData(0, null, null, Verdict.NoAnswer)]
    [InlineData(null, null, null, Verdict.NoAnswer)]
    // The status tells more than the cause that Asterisk makes of it.
    [InlineData(21, "401", "", Verdict.TrunkDown)]
    [InlineData(21, "407", "", Verdict.TrunkDown)]
    [InlineData(21, "402", "", Verdict.TrunkDown)]
    [InlineData(27, "502", "", Verdict.TrunkDown)]
    [InlineData(null, "500", "", Verdict.TrunkDown)]
    [InlineData(41, "500", "", Verdict.Congestion)]
    [InlineData(17, "600", "", Verdict.Busy)]
    [InlineData(21, "603", "", Verdict.Rejected)]
    [InlineData(21, "607", "", Verdict.Rejected)]
    [InlineData(21, "608", "", Verdict.Rejected)]
    [InlineData(null, "433", "", Verdict.Rejected)]
    [InlineData(null, "699", "", Verdict.Rejected)]
    [InlineData(1, "410", "", Verdict.InvalidNumber)]
    [InlineData(28, "484", "", Verdict.InvalidNumber)]
    [InlineData(1, "485", "", Verdict.InvalidNumber)]
    [InlineData(1, "604", "", Verdict.InvalidNumber)]
    [InlineData(20, "480", "", Verdict.NoAnswer)]
    [InlineData(19, "487", "RINGING", Verdict.NoAnswer)]
    [InlineData(127, "400", "", Verdict.NoAnswer)]
    [InlineData(23, "302", "", Verdict.NoAnswer)]
    [InlineData(58, "488", "", Verdict.Congestion)]
    [InlineData(58, "415", "", Verdict.Congestion)]
    [InlineData(58, "606", "", Verdict.Congestion)]
    [InlineData(25, "482", "", Verdict.Congestion)]
    [InlineData(25, "483", "", Verdict.Congestion)]
    [InlineData(null, "491", "", Verdict.Congestion)]
    [InlineData(29, "501", "", Verdict.Congestion)]
    [InlineData(102, "504", "", Verdict.Congestion)]
    [InlineData(null, "580", "", Verdict.Congestion)]
    // A status that is none leaves it to the cause.
    [InlineData(17, "0", "", Verdict.Busy)]
    [InlineData(17, "", "", Verdict.Busy)]
    [InlineData(17, "none", "", Verdict.Busy)]
    // The last resort.
    [InlineData(0, null, "BUSY", Verdict.Busy)]
    [InlineData(0, null, "CONGESTION", Verdict.Congestion)]
    [InlineData(0, null, "CHANUNAVAIL", Verdict.TrunkDown)]
    [InlineData(0, null, "RINGING", Verdict.NoAnswer)]
    public void An_unanswered_call_ends_as_the_network_says(int? cause, string? status, string? dial, Verdict expected) =>
        Assert.Equal(expected, VerdictRule.Decide(new(false, TimeSpan.Zero, cause, status, dial, CallEnding.HungUp), Minimum));

    [Theory]
    [InlineData(Verdict.InvalidNumber, new[] { 1, 22, 28 })]
    [InlineData(Verdict.Busy, new[] { 17 })]
    [InlineData(Verdict.Rejected, new[] { 21, 54, 55, 87 })]
    [InlineData(Verdict.TrunkDown, new[] { 18, 38, 52 })]
    [InlineData(Verdict.Congestion, new[] { 2, 3, 6, 7, 8, 25, 29, 34, 39, 40, 41, 42, 43, 44, 46, 47, 57, 58, 63, 65, 66, 69, 70, 79, 91, 102 })]
    [InlineData(Verdict.NoAnswer, new[] { 4, 5, 9, 14, 16, 19, 20, 23, 26, 27, 30, 31, 49, 50, 53, 81, 88, 95, 96, 97, 98, 99, 100, 101, 103, 111, 127 })]
    public void Every_cause_of_Q850_has_its_verdict(Verdict expected, int[] causes) =>
        Assert.All(causes, cause => Assert.Equal(
            expected, VerdictRule.Decide(new(false, TimeSpan.Zero, cause, null, "NOANSWER", CallEnding.HungUp), Minimum)));

    [Theory]
    [InlineData(10.0, CallEnding.HungUp, Verdict.Success)]
    [InlineData(9.999, CallEnding.HungUp, Verdict.TooShort)]
    [InlineData(0.0, CallEnding.HungUp, Verdict.TooShort)]
    [InlineData(10.0, CallEnding.Lost, Verdict.Success)]
    [InlineData(9.999, CallEnding.Lost, Verdict.Interrupted)]
    [InlineData(10.0, CallEnding.Cancelled, Verdict.Cancelled)]
    public void An_answered_call_counts_by_how_long_it_lasted(double seconds, CallEnding ending, Verdict expected) =>
        Assert.Equal(expected, VerdictRule.Decide(new(true, TimeSpan.FromSeconds(seconds), 16, null, "ANSWER", ending), Minimum));

    [Fact]
    public void An_answer_counts_whatever_the_cause() =>
        Gen.Select(Gen.Int[0, 127], Gen.Int[300, 699], Gen.Int[0, 20]).Sample((cause, status, seconds) =>
            VerdictRule.Decide(new(true, TimeSpan.FromSeconds(seconds), cause, $"{status}", "ANSWER", CallEnding.HungUp), Minimum)
                == (seconds >= 10 ? Verdict.Success : Verdict.TooShort));

    [Theory]
    [InlineData(CallEnding.OriginateRefused, Verdict.TrunkDown)]
    [InlineData(CallEnding.Lost, Verdict.Interrupted)]
    [InlineData(CallEnding.Cancelled, Verdict.Cancelled)]
    public void A_call_that_ended_otherwise_is_judged_by_its_ending(CallEnding ending, Verdict expected) =>
        Assert.Equal(expected, VerdictRule.Decide(new(false, TimeSpan.Zero, null, null, null, ending), Minimum));

    [Fact]
    public void Without_an_answer_no_cause_makes_a_success_or_needs_a_failure_of_ours() =>
        Gen.Select(Gen.Int.Nullable(), Gen.Int[0, 999].Nullable(), Gen.OneOf(null, "", "RINGING", "PROGRESS", "NOANSWER", "BUSY", "CONGESTION", "?"))
            .Sample((cause, status, dial) =>
            {
                var verdict = VerdictRule.Decide(new(false, TimeSpan.Zero, cause, status?.ToString(), dial, CallEnding.HungUp), TimeSpan.Zero);
                return verdict is not (Verdict.Success or Verdict.TooShort or Verdict.Interrupted or Verdict.Cancelled or Verdict.Machine);
            });
}
