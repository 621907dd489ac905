using Dialer.Chaos.Audit;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Chaos;

/// <summary>Which SIP messages the audit of the chaos programs takes for which call.</summary>
public sealed class SipPairingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_call_of_the_network_gets_the_INVITE_that_it_began_with()
    {
        var (first, second) = (new SipCall("1", Noon, null, null), new SipCall("1", Noon.AddSeconds(10), null, null));
        NetworkCallRow[] calls =
        [
            new("1", Noon.AddSeconds(0.5), null, Noon.AddSeconds(2)), new("1", Noon.AddSeconds(10), null, Noon.AddSeconds(12)), new("2", Noon.AddSeconds(11), null, Noon.AddSeconds(12)),
        ];
        Assert.Equal([first, second, null], SipPairing.Join(calls, [second, first]).Select(call => call.Sip));
    }

    [Fact]
    public void Each_INVITE_is_one_calls_also_where_the_network_begins_with_it_after_the_next_one_has_come()
    {
        var invites = new[] { 0.0, 5, 6, 20 }.Select(second => new SipCall("1", Noon.AddSeconds(second), null, Noon.AddSeconds(second + 1))).ToList();
        NetworkCallRow[] calls = [.. new[] { 5.5, 6.5, 7 }.Select(second => new NetworkCallRow("1", Noon.AddSeconds(second), null, Noon.AddSeconds(second + 2)))];
        Assert.Equal(invites.Take(3), SipPairing.Join(calls, invites).Select(call => call.Sip!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_that_crossed_our_giving_up_is_none(bool isGivenUp)
    {
        var call = new NetworkCallRow("1", Noon.AddSeconds(0.5), Noon.AddSeconds(2), Noon.AddSeconds(4));
        var joined = Assert.Single(SipPairing.Join([call], [new SipCall("1", Noon, null, Noon.AddSeconds(3)) { IsGivenUp = isGivenUp }]));
        Assert.Equal(isGivenUp ? null : call.AnsweredAt, joined.AnsweredAt);
    }
}
