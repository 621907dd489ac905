using Dialer.Tests.Infrastructure;

namespace Dialer.Chaos.Audit;

/// <summary>An attempt as REST tells it.</summary>
internal sealed record AttemptRow(
    string Number, DateTimeOffset StartedAt, DateTimeOffset? AnsweredAt, DateTimeOffset? EndedAt, string? Verdict, string? Operator)
{
    /// <summary>Which keys were pressed.</summary>
    public string? Keys { get; init; }
}

/// <summary>A contact as REST tells it.</summary>
internal sealed record ContactRow(string Number, string State, int Attempts, string? LastVerdict);

/// <summary>A piece of damage.</summary>
/// <param name="What">In words.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When what was damaged was there again.</param>
/// <param name="NobodyCanDial">Whether no call could start meanwhile, whatever a dialer does: that time is no pause of its.</param>
/// <param name="CutNumbers">Whose calls the damage itself ended: their Asterisk died.</param>
internal sealed record Strike(string What, DateTimeOffset From, DateTimeOffset To, bool NobodyCanDial, IReadOnlySet<string> CutNumbers)
{
    /// <summary>Whether the campaign's hours forbade all calls meanwhile.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether nobody listened to an Asterisk for a moment: the event socket of a node was lost.</summary>
    public bool SocketGap { get; init; }

    /// <summary>When every silo was a member again and every node was connected: a silo that joins takes nodes over, and nobody hears a key meanwhile.</summary>
    public DateTimeOffset? WholeAt { get; init; }

    /// <summary>When the killed Asterisk answered again: until then nobody can know whether its calls are still up, and their lines are not free.</summary>
    public DateTimeOffset? NodeAgainAt { get; init; }

    /// <summary>From when to when every silo's clock was wrong, where that was so.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? ClocksWrong { get; init; }
}

/// <summary>What is known at the end of a program.</summary>
internal sealed record Evidence(
    IReadOnlyDictionary<string, Person> People, IReadOnlyList<NetworkCallRow> Calls, IReadOnlyList<AttemptRow> Attempts,
    IReadOnlyList<ContactRow> Contacts, IReadOnlyList<Strike> Strikes, int Lines)
{
    /// <summary>How many events were spoilt; null where none was to be.</summary>
    public SpoiltEvents? Spoilt { get; init; }
}

/// <summary>Events of Asterisk's that came late, twice, and not at all.</summary>
internal sealed record SpoiltEvents(int Late, int Twice, int Lost);

/// <summary>A call as the network saw it.</summary>
internal sealed record NetworkCallRow(string Number, DateTimeOffset StartedAt, DateTimeOffset? AnsweredAt, DateTimeOffset EndedAt)
{
    /// <summary>For how long the greeting was heard; null where nothing was recorded.</summary>
    public TimeSpan? Heard { get; init; }

    /// <summary>The same call by its SIP messages: what it writes down itself it does as late as it works them off, on a busy machine seconds later.</summary>
    public SipCall? Sip { get; init; }

    /// <summary>Since when it took a line.</summary>
    public DateTimeOffset CalledAt => Sip?.CalledAt ?? StartedAt;

    /// <summary>Until when it took a line.</summary>
    public DateTimeOffset FreedAt => Sip?.FreedAt is { } freed && freed < EndedAt ? freed : EndedAt;

    /// <summary>How long it lasted by its messages, between our end and the network's.</summary>
    public TimeSpan Carried => AnsweredAt is { } answered ? FreedAt - (Sip?.AnsweredAt ?? answered) : TimeSpan.Zero;

    /// <summary>How long it lasted for the one who was called.</summary>
    public TimeSpan Lasted => AnsweredAt is { } answered ? EndedAt - answered : TimeSpan.Zero;
}
