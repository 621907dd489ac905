using Dialer.Chaos.Damage;
using Xunit;

namespace Dialer.Tests.Chaos;

/// <summary>How the chaos programs choose.</summary>
public sealed class DeckTests
{
    [Fact]
    public void Each_comes_once_before_any_comes_again()
    {
        var (deck, random) = (new Deck<int>(1, 2, 3, 4, 5), new Random(7));
        var rounds = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 5).Select(_ => deck.Deal(random)).ToList()).ToList();
        Assert.All(rounds, round => Assert.Equal([1, 2, 3, 4, 5], round.Order()));
        Assert.True(rounds.Select(round => string.Join(' ', round)).Distinct().Count() > 1);
    }

    [Fact]
    public void What_does_not_fit_stays_for_later()
    {
        var (deck, random) = (new Deck<int>(1, 2, 3, 4, 5), new Random(7));
        Assert.Equal([2, 4], new[] { deck.Deal(random, IsEven), deck.Deal(random, IsEven) }.Order());
        Assert.Equal([1, 3, 5], Enumerable.Range(0, 3).Select(_ => deck.Deal(random)).Order());

        deck.Deal(random, IsEven);
        deck.Deal(random, IsEven);
        // No even one is left: all are put in again, and those that were left come up too.
        var rest = Enumerable.Range(0, 8).Select(i => i == 0 ? deck.Deal(random, IsEven) : deck.Deal(random));
        Assert.Equal([1, 1, 2, 3, 3, 4, 5, 5], rest.Order());

        static bool IsEven(int card) => card % 2 == 0;
    }
}
