namespace Dialer.Simulation.Scripts;

/// <summary>What becomes of a call at its far end, with the causes seen on Asterisk 22.10.</summary>
public enum FarEnd
{
    /// <summary>Rings and answers.</summary>
    Answer,

    /// <summary>Rings until the originate's timeout: 19, 480.</summary>
    NoAnswer,

    /// <summary>17, 486.</summary>
    Busy,

    /// <summary>34, 503.</summary>
    Congestion,

    /// <summary>1, 404.</summary>
    Unallocated,

    /// <summary>21, 403.</summary>
    Rejected,

    /// <summary>38, 500.</summary>
    OutOfOrder,

    /// <summary>The gateway does not answer SIP at all: 18, 408, after 32 s unless <see cref="Behaviour.After"/> says otherwise.</summary>
    Unreachable,
}

/// <summary>How called people behave.</summary>
public sealed record Behaviour
{
    /// <summary>How often this one is drawn, beside the others of its rule.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What becomes of the call.</summary>
    public FarEnd Then { get; init; }

    /// <summary>How long it takes until that, from the originate.</summary>
    public Duration? After { get; init; }

    /// <summary>A voice of the network before the answer: PROGRESS and no Ringing.</summary>
    public bool EarlyMedia { get; init; }

    /// <summary>How long after the answer they hang up; null: never.</summary>
    public Duration? HangsUp { get; init; }

    /// <summary>Keys that they press.</summary>
    public IReadOnlyList<KeyPress> Keys { get; init; } = [];
}

/// <summary>Keys pressed so long after the answer, one right after the other.</summary>
public sealed record KeyPress(string Press, Duration After);

/// <summary>Which numbers (or phones, by their endpoint) behave how: those that begin and end so.</summary>
public sealed record NumberRule
{
    /// <summary>How the number begins; as it is dialled, without a plus.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How it ends.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>One of these is drawn for each call.</summary>
    public required IReadOnlyList<Behaviour> Behaviours { get; init; }
}

/// <summary>How long media play whose address contains a text.</summary>
public sealed record MediaRule(string Contains, Duration Lasts);
