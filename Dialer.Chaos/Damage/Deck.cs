namespace Dialer.Chaos.Damage;

/// <summary>Choices that come up evenly: each once in an order by chance, and then all of them again in another.</summary>
internal sealed class Deck<T>(params T[] cards)
{
    private readonly List<T> _left = [];

    /// <summary>The next one.</summary>
    /// <param name="fits">Which ones will do; the others stay in the deck.</param>
    public T Deal(Random random, Predicate<T>? fits = null)
    {
        fits ??= _ => true;
        if (!_left.Exists(fits))
        {
            var more = cards.ToArray();
            random.Shuffle(more);
            _left.AddRange(more);
        }

        var at = _left.FindIndex(fits);
        var card = _left[at];
        _left.RemoveAt(at);
        return card;
    }
}
