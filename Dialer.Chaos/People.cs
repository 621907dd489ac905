using System.Globalization;

namespace Dialer.Chaos;

/// <summary>How a person on the telephone network behaves; the value is the number's digits BB (asterisk/network/extensions.conf).</summary>
internal enum Behaviour
{
    Busy = 12,
    NeverAnswers = 13,
    HasNoSuchNumber = 14,
    Listens = 40,
    HangsUpEarly = 41,
    WantsAnOperator = 42,
    IsBusyOnce = 43,
    IsAnOperator = 44,
}

/// <summary>Somebody to be called.</summary>
internal sealed record Person(string Name, string Number, Behaviour Behaviour)
{
    /// <summary>When the campaign had read of them; nobody can have called them before.</summary>
    public DateTimeOffset AddedAt { get; init; }
}

/// <summary>Makes people, each with a number that nobody else has.</summary>
internal sealed class People(Random random)
{
    private static readonly (Behaviour Behaviour, int Share)[] s_shares =
    [
        (Behaviour.Listens, 60), (Behaviour.HangsUpEarly, 9), (Behaviour.WantsAnOperator, 6), (Behaviour.IsBusyOnce, 8), (Behaviour.Busy, 8),
        (Behaviour.NeverAnswers, 4), (Behaviour.HasNoSuchNumber, 5),
    ];

    private readonly Dictionary<string, Person> _byNumber = new(StringComparer.Ordinal);

    /// <summary>Everybody made so far.</summary>
    public IReadOnlyDictionary<string, Person> ByNumber => _byNumber;

    /// <summary>The next people.</summary>
    public IReadOnlyList<Person> Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    /// <summary>These were added at this moment.</summary>
    public void Added(IReadOnlyList<Person> people, DateTimeOffset at)
    {
        foreach (var person in people)
            _byNumber[person.Number] = person with { AddedAt = at };
    }

    /// <summary>Which behaviour a number has.</summary>
    public static Behaviour BehaviourOf(string number) => (Behaviour)int.Parse(number.AsSpan(4, 2), CultureInfo.InvariantCulture);

    public static string Number(Behaviour behaviour, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"7999{(int)behaviour:00}{index:00000}");

    private Person Next()
    {
        var choice = random.Next(s_shares.Sum(s => s.Share));
        var behaviour = s_shares.First(s => (choice -= s.Share) < 0).Behaviour;
        var index = _byNumber.Count;
        var person = new Person(string.Create(CultureInfo.InvariantCulture, $"Example {index:00000}"), Number(behaviour, index), behaviour);
        _byNumber.Add(person.Number, person);
        return person;
    }
}
