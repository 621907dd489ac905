using CsCheck;
using Dialer.Grains.Trunks;
using Xunit;

namespace Dialer.Tests.Trunks;

public sealed class LineSharesTests
{
    [Fact]
    public void Nobody_gets_a_line_who_wants_none_or_has_its_share() =>
        Assert.Null(LineShares.Next([new("a", 9, 3, 3, 5, 0), new("b", 0, 0, 3, 0, 0), new("c", 0, 0, 0, 1, 0)]));

    [Fact]
    public void The_higher_priority_goes_first() =>
        Assert.Equal("b", LineShares.Next([new("a", 0, 0, 3, 1, 0), new("b", 1, 2, 3, 1, 9)]));

    [Fact]
    public void Among_equals_whoever_used_least_of_its_share_goes_first() =>
        Assert.Equal("a", LineShares.Next([new("b", 0, 1, 2, 1, 0), new("a", 0, 3, 10, 1, 9)]));

    [Fact]
    public void Then_whoever_was_granted_longest_ago() =>
        Assert.Equal("b", LineShares.Next([new("a", 0, 1, 2, 1, 7), new("b", 0, 2, 4, 1, 6)]));

    [Fact]
    public void Equals_with_equal_shares_get_lines_within_one_of_each_other() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 20], Gen.Int[1, 60]).Sample((campaigns, share, lines) =>
        {
            var used = Run(Enumerable.Range(0, campaigns).Select(i => new LineDemand($"{i}", 0, 0, share, int.MaxValue, 0)), lines);
            Assert.True(used.Max(d => d.InUse) - used.Min(d => d.InUse) <= 1);
            Assert.Equal(Math.Min(lines, campaigns * share), used.Sum(d => d.InUse));
        });

    [Fact]
    public void Nobody_gets_more_than_its_share_or_wish_and_no_wanted_line_stays_free() =>
        Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.Int[0, 10], Gen.Int[0, 10]).Array[1, 6], Gen.Int[0, 60]).Sample((wishes, lines) =>
        {
            var used = Run(wishes.Select((w, i) => new LineDemand($"{i}", w.Item1, 0, w.Item2, w.Item3, 0)), lines);
            Assert.All(used.Zip(wishes), p => Assert.True(p.First.InUse <= Math.Min(p.Second.Item2, p.Second.Item3)));
            Assert.Equal(Math.Min(lines, wishes.Sum(w => Math.Min(w.Item2, w.Item3))), used.Sum(d => d.InUse));
        });

    [Fact]
    public void Over_time_equals_that_pass_one_line_around_get_it_equally_often() =>
        Gen.Int[2, 6].Sample(campaigns =>
        {
            var (demands, grants) = (Enumerable.Range(0, campaigns).Select(i => new LineDemand($"{i}", 0, 0, 1, 1, 0)).ToArray(), new int[campaigns]);
            for (var tick = 1; tick <= campaigns * 10; tick++)
            {
                var next = int.Parse(LineShares.Next(demands)!);
                grants[next]++;
                demands[next] = demands[next] with { LastGranted = tick };
            }

            Assert.All(grants, g => Assert.Equal(10, g));
        });

    private static List<LineDemand> Run(IEnumerable<LineDemand> start, int lines)
    {
        var demands = start.ToList();
        for (var tick = 1; tick <= lines && LineShares.Next(demands) is { } next; tick++)
        {
            var i = demands.FindIndex(d => d.Campaign == next);
            demands[i] = demands[i] with { InUse = demands[i].InUse + 1, Wanted = demands[i].Wanted - 1, LastGranted = tick };
        }

        return demands;
    }
}
