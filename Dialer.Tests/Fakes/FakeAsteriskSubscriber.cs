namespace Dialer.Tests.Fakes;

/// <summary>
/// How the far end of a call behaves. Immutable: each method answers with a changed copy. Times run on the fake's clock;
/// those of <see cref="After"/> and <see cref="HangsUpAfter"/> count from the answer.
/// </summary>
public sealed record Subscriber
{
    private Subscriber(string ending) => Ending = ending;

    internal string Ending { get; private init; }

    internal TimeSpan RingsFor { get; private init; }

    internal bool HasEarlyMedia { get; private init; }

    internal bool LosesHangup { get; private init; }

    internal IReadOnlyList<Act> Acts { get; private init; } = [];

    internal IReadOnlyList<(string Media, string Digits)> Reactions { get; private init; } = [];

    /// <summary>Rings and answers (at once, unless told how long it rings).</summary>
    public static Subscriber Answers(TimeSpan ringsFor = default) => new("Answer") { RingsFor = ringsFor };

    /// <summary>17 User busy, 486.</summary>
    public static Subscriber Busy() => new("Busy");

    /// <summary>Rings until the originate's timeout: 19, 480.</summary>
    public static Subscriber NoAnswer() => new("Answer") { RingsFor = Timeout.InfiniteTimeSpan };

    /// <summary>1 Unallocated number, 404.</summary>
    public static Subscriber Unallocated() => new("Unallocated");

    /// <summary>21 Call rejected, 403.</summary>
    public static Subscriber Rejects() => new("Rejected");

    /// <summary>34 Circuit/channel congestion, 503.</summary>
    public static Subscriber Congestion() => new("Congestion");

    /// <summary>38 Network out of order, 500.</summary>
    public static Subscriber NetworkOutOfOrder() => new("OutOfOrder");

    /// <summary>The gateway does not answer SIP at all: 18, 408, after 32 s.</summary>
    public static Subscriber Unreachable() => new("Unreachable") { RingsFor = TimeSpan.FromSeconds(32) };

    /// <summary>How long it rings before it answers, or before its refusal comes.</summary>
    public Subscriber Ringing(TimeSpan time) => this with { RingsFor = time };

    /// <summary>A voice of the network before the answer: PROGRESS and no Ringing.</summary>
    public Subscriber WithEarlyMedia() => this with { HasEarlyMedia = true };

    /// <summary>Presses keys at the answer; follow with <see cref="After"/> for later.</summary>
    public Subscriber Presses(string digits) => this with { Acts = [.. Acts, new Act(digits, TimeSpan.Zero)] };

    /// <summary>When the last <see cref="Presses"/> happens, counted from the answer.</summary>
    public Subscriber After(TimeSpan time) => this with { Acts = [.. Acts.SkipLast(1), Acts[^1] with { At = time }] };

    /// <summary>Presses keys as soon as a medium whose address contains <paramref name="media"/> plays.</summary>
    public Subscriber PressesWhenHearing(string media, string digits) => this with { Reactions = [.. Reactions, (media, digits)] };

    /// <summary>Hangs up so long after the answer.</summary>
    public Subscriber HangsUpAfter(TimeSpan time) => this with { Acts = [.. Acts, new Act(null, time)] };

    /// <summary>Its end is never told: the channel is gone and no event says so.</summary>
    public Subscriber NeverReports() => this with { LosesHangup = true };

    /// <param name="Digits">Keys to press; null to hang up.</param>
    /// <param name="At">When, from the answer.</param>
    internal sealed record Act(string? Digits, TimeSpan At);
}
