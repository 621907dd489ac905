using Dialer.Grains.Campaigns;
using Xunit;

namespace Dialer.Tests.Campaigns;

public sealed class ClaimAheadTests
{
    [Theory]
    // The first claim of a campaign has none before it.
    [InlineData(0, 3, 1e9, 6)]
    [InlineData(0, 1, 1e9, 2)]
    // Half of what was claimed was gone within two seconds: twice as many.
    [InlineData(2, 1, 0, 4)]
    [InlineData(4, 1, 1.9, 8)]
    [InlineData(4, 1, 2, 4)]
    // It lasted for long: half as many, but no less than two for each line.
    [InlineData(8, 1, 8, 8)]
    [InlineData(8, 1, 8.1, 4)]
    [InlineData(2, 1, 60, 2)]
    [InlineData(9, 3, 60, 6)]
    // Never more than a list can withdraw in a moment, however many lines there are.
    [InlineData(400, 1, 0.1, 500)]
    [InlineData(0, 251, 1e9, 500)]
    [InlineData(500, 251, 60, 500)]
    // Lines were added.
    [InlineData(2, 10, 5, 20)]
    public void Contacts_are_claimed_for_as_long_as_a_claim_is_worth_it(int present, int lines, double lasted, int next) =>
        Assert.Equal(next, ClaimAhead.Next(present, lines, TimeSpan.FromSeconds(lasted)));
}
