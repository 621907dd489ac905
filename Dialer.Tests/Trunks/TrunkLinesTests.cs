using CsCheck;
using Dialer.Grains.Trunks;
using Orleans.Runtime;
using Xunit;

namespace Dialer.Tests.Trunks;

public sealed class TrunkLinesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 7, 0, 0, TimeSpan.Zero);
    private readonly TrunkLines _lines = new();

    [Fact]
    public void Who_asks_from_where_is_known_as_long_as_it_is_one_place()
    {
        var (one, two) = (SiloAddress.FromParsableString("127.0.0.1:11111@1"), SiloAddress.FromParsableString("127.0.0.1:11112@1"));
        Assert.Null(_lines.AskedFrom);
        _lines.Request(new LineRequest("example/debts", 5, 0, 2, one));
        Assert.Equal(one, _lines.AskedFrom);
        _lines.Request(new LineRequest("example/news", 5, 0, 2, two));
        Assert.Null(_lines.AskedFrom);
        _lines.Request(new LineRequest("example/debts", 5, 0, 0, one));
        Assert.Equal(two, _lines.AskedFrom);
        // Who waits would be forgotten by a trunk that moves.
        _lines.RequestForOperator("leg", "call");
        Assert.Null(_lines.AskedFrom);
        Assert.NotNull(_lines.GrantToOperator(5, DateTimeOffset.UnixEpoch));
        Assert.Equal(two, _lines.AskedFrom);
    }

    [Fact]
    public void An_operator_goes_ahead_of_every_campaign()
    {
        _lines.Request(new LineRequest("example/debts", Share: 5, Priority: 100, Wanted: 5));
        _lines.RequestForOperator("leg", "call");
        Assert.Equal(("leg", "call"), _lines.GrantToOperator(1, s_now));
        Assert.Null(_lines.GrantToCampaign(1, s_now));
        Assert.Equal((1, 1), (_lines.InUse, _lines.OperatorLines));
    }

    [Fact]
    public void A_line_that_is_given_back_twice_is_free_once()
    {
        _lines.Request(new LineRequest("example/debts", 5, 0, 5));
        var permits = Enumerable.Range(0, 2).Select(_ => _lines.GrantToCampaign(2, s_now)!.Value.Permit.ToString()).ToList();
        Assert.Null(_lines.GrantToCampaign(2, s_now));
        Assert.True(_lines.Release(permits[0]));
        Assert.False(_lines.Release(permits[0]));
        Assert.NotNull(_lines.GrantToCampaign(2, s_now));
        Assert.Null(_lines.GrantToCampaign(2, s_now));
    }

    [Fact]
    public void An_operator_who_no_longer_waits_gets_no_line()
    {
        _lines.RequestForOperator("first", "call");
        _lines.RequestForOperator("first", "call");
        _lines.RequestForOperator("second", "call");
        Assert.True(_lines.Release("first"));
        Assert.Equal("second", _lines.GrantToOperator(5, s_now)!.Value.Leg);
        Assert.Null(_lines.GrantToOperator(5, s_now));
        Assert.False(_lines.AnyWanted);
    }

    [Fact]
    public void What_is_written_takes_the_place_of_what_was_known()
    {
        _lines.Request(new LineRequest("example/debts", 5, 0, 2));
        Assert.NotNull(_lines.GrantToCampaign(5, s_now));
        _lines.Reset(new Dictionary<string, string?> { ["a"] = "example/water", ["b"] = null }, s_now);
        Assert.Equal((2, 1), (_lines.InUse, _lines.OperatorLines));
        Assert.Equal(1, Assert.Single(_lines.ByCampaign).Value);
        Assert.Empty(_lines.TakenBefore(s_now));
        Assert.Equal(2, _lines.TakenBefore(s_now.AddTicks(1)).Count());
        // What campaigns want is still wanted.
        Assert.Equal("example/debts", _lines.GrantToCampaign(5, s_now)!.Value.Campaign);
    }

    [Fact]
    public void Lines_and_shares_are_never_exceeded_and_every_free_line_finds_its_taker()
    {
        var step = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[0, 2]);
        Gen.Select(Gen.Int[1, 6], step.Array[1, 60]).Sample((lines, steps) =>
        {
            var trunk = new TrunkLines();
            var shares = new Dictionary<string, int>();
            var taken = new List<(string Id, string? Campaign)>();
            var legs = 0;
            foreach (var (what, who, wanted, share, priority) in steps)
            {
                var campaign = $"example/{who}";
                switch (what)
                {
                    case 0:
                        shares[campaign] = share;
                        trunk.Request(new LineRequest(campaign, share, priority, wanted));
                        break;
                    case 1:
                        trunk.RequestForOperator($"leg{++legs}", "call");
                        break;
                    case 2 when taken.Count > 0:
                        var back = taken[who % taken.Count];
                        taken.Remove(back);
                        Assert.True(trunk.Release(back.Id));
                        Assert.False(trunk.Release(back.Id));
                        break;
                    default:
                        if (trunk.GrantToOperator(lines, s_now) is { } leg)
                            taken.Add((leg.Leg, null));
                        else if (trunk.GrantToCampaign(lines, s_now) is { } line)
                        {
                            Assert.True(taken.Count(t => t.Campaign == line.Campaign) < shares[line.Campaign], "above its share");
                            taken.Add((line.Permit.ToString(), line.Campaign));
                        }
                        else
                            Assert.True(trunk.InUse >= lines || !trunk.AnyWanted, "a line is free, somebody wants it, and nobody got it");
                        break;
                }

                Assert.True(trunk.InUse <= lines, "more than the lines");
                Assert.Equal(taken.Count, trunk.InUse);
                Assert.Equal(taken.Count(t => t.Campaign is null), trunk.OperatorLines);
                Assert.Equal(
                    taken.Where(t => t.Campaign is not null).CountBy(t => t.Campaign!).OrderBy(c => c.Key),
                    trunk.ByCampaign.OrderBy(c => c.Key));
            }
        });
    }
}
