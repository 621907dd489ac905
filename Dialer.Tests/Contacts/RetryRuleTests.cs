using CsCheck;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Xunit;

namespace Dialer.Tests.Contacts;

public sealed class RetryRuleTests
{
    private static readonly DateTimeOffset End = new(2026, 3, 9, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetryPolicy Policy = new(3, TimeSpan.FromMinutes(30));
    private static readonly Verdict[] UsingUp =
        [Verdict.NoAnswer, Verdict.Busy, Verdict.Rejected, Verdict.TooShort, Verdict.Machine, Verdict.InvalidNumber];
    private static readonly Verdict[] Setbacks = [Verdict.Congestion, Verdict.TrunkDown, Verdict.Interrupted];

    [Fact]
    public void A_success_is_done()
    {
        var after = RetryRule.After(Verdict.Success, 0, new(2, 0, 0, 1, 4), Policy, End);
        Assert.Equal(new RetryDecision(ContactState.Done, null, new(2, 0, 0, 1, 0)), after);
    }

    [Fact]
    public void A_cancelled_contact_is_withdrawn() =>
        Assert.Equal(ContactState.Withdrawn, RetryRule.After(Verdict.Cancelled, 0, new(1, 0, 0, 0, 0), Policy, End).State);

    [Theory]
    [InlineData(Verdict.NoAnswer)]
    [InlineData(Verdict.Busy)]
    [InlineData(Verdict.Rejected)]
    [InlineData(Verdict.TooShort)]
    [InlineData(Verdict.Machine)]
    public void What_the_called_side_did_uses_up_a_retry_and_passes_to_the_next_number(Verdict verdict)
    {
        var after = RetryRule.After(verdict, 1, new(3, 0b100, 1, 0, 5), Policy, End);
        Assert.Equal(new RetryDecision(ContactState.Waiting, End.AddMinutes(30), new(3, 0b100, 0, 1, 0)), after);
    }

    [Theory]
    [InlineData(Verdict.Congestion)]
    [InlineData(Verdict.TrunkDown)]
    [InlineData(Verdict.Interrupted)]
    public void What_we_or_the_carrier_did_uses_up_no_retry_and_keeps_the_number(Verdict verdict)
    {
        var after = RetryRule.After(verdict, 1, new(3, 0, 2, 3, 0), Policy, End);
        Assert.Equal(new RetryDecision(ContactState.Waiting, End.AddSeconds(15), new(3, 0, 1, 3, 1)), after);
    }

    [Theory]
    [InlineData(0, 15)]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(5, 480)]
    [InlineData(6, 900)]
    [InlineData(7, 900)]
    [InlineData(int.MaxValue, 900)]
    public void Setbacks_wait_twice_as_long_each_time_up_to_a_quarter_of_an_hour(int setbacks, int seconds) =>
        Assert.Equal(End.AddSeconds(seconds), RetryRule.After(Verdict.Congestion, 0, new(1, 0, 0, 0, setbacks), Policy, End).NextDueAt);

    [Fact]
    public void A_verdict_with_an_interval_of_its_own_uses_it()
    {
        var policy = Policy with { PerVerdict = new Dictionary<Verdict, TimeSpan> { [Verdict.Busy] = TimeSpan.FromMinutes(5) } };
        Assert.Equal(End.AddMinutes(5), RetryRule.After(Verdict.Busy, 0, new(1, 0, 0, 0, 0), policy, End).NextDueAt);
        Assert.Equal(End.AddMinutes(30), RetryRule.After(Verdict.NoAnswer, 0, new(1, 0, 0, 0, 0), policy, End).NextDueAt);
    }

    [Fact]
    public void An_invalid_number_is_struck_out_and_the_next_one_called()
    {
        var after = RetryRule.After(Verdict.InvalidNumber, 0, new(2, 0, 0, 0, 0), Policy, End);
        Assert.Equal(new RetryDecision(ContactState.Waiting, End.AddMinutes(30), new(2, 0b01, 1, 1, 0)), after);
    }

    [Fact]
    public void A_contact_whose_last_number_is_invalid_fails_at_once()
    {
        var after = RetryRule.After(Verdict.InvalidNumber, 1, new(2, 0b01, 1, 0, 0), Policy, End);
        Assert.Equal(new RetryDecision(ContactState.Failed, null, new(2, 0b11, 1, 0, 0)), after);
    }

    [Fact]
    public void The_next_attempt_is_due_in_UTC_whatever_the_offset_of_the_end()
    {
        var after = RetryRule.After(Verdict.Busy, 0, new(1, 0, 0, 0, 0), Policy, End.ToOffset(TimeSpan.FromHours(3)));
        Assert.Equal(TimeSpan.Zero, after.NextDueAt!.Value.Offset);
    }

    [Fact]
    public void A_number_that_the_contact_does_not_have_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RetryRule.After(Verdict.Busy, 2, new(2, 0, 0, 0, 0), Policy, End));

    [Fact]
    public void Every_verdict_has_a_rule() =>
        Assert.All(Enum.GetValues<Verdict>(), v => RetryRule.After(v, 0, new(1, 0, 0, 0, 0), Policy, End));

    [Fact]
    public void A_contact_gets_one_attempt_and_its_retries_and_setbacks_on_top() =>
        Gen.Select(Gen.Int[0, 10], Gen.Int[1, 5], Gen.OneOf([.. UsingUp, .. Setbacks]).Array[200]).Sample((retries, numbers, verdicts) =>
        {
            var (progress, used, called) = (new ContactProgress(numbers, 0, 0, 0, 0), 0, new HashSet<int>());
            foreach (var verdict in verdicts)
            {
                var number = NumberRotation.Pick(progress)!.Value;
                var after = RetryRule.After(verdict, number, progress, new(retries, TimeSpan.FromMinutes(1)), End);
                used += UsingUp.Contains(verdict) ? 1 : 0;
                if (verdict == Verdict.InvalidNumber)
                {
                    Assert.True(called.Add(number), "a struck number was called again");
                }

                var over = used == retries + 1 || called.Count == numbers;
                Assert.Equal(over ? ContactState.Failed : ContactState.Waiting, after.State);
                if (over)
                {
                    return;
                }

                Assert.True(after.NextDueAt > End);
                Assert.True(Setbacks.Contains(verdict) ? after.Progress.NextNumber == number : after.Progress.Setbacks == 0);
                progress = after.Progress;
            }
        });
}
