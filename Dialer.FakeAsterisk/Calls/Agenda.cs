using Dialer.Simulation.Wire;

namespace Dialer.Simulation.Calls;

/// <summary>What kind of thing happens later.</summary>
internal enum Deed
{
    /// <summary>The time of ringing, or until a refusal, is over.</summary>
    RungOut,

    /// <summary>A call that was answered while nobody listened tries its application again.</summary>
    Enter,

    /// <summary>The originate's timeout is over.</summary>
    TimedOut,

    /// <summary>The far end hangs up.</summary>
    HangUp,

    /// <summary>The far end presses keys.</summary>
    Press,

    /// <summary>A medium is over.</summary>
    MediumOver,

    /// <summary>A client that did not read fast enough is offered the rest again.</summary>
    Offer,
}

/// <summary>Something that happens later. Of a channel or playback that is gone by then, nothing does.</summary>
internal readonly record struct Appointment(Deed Deed, Channel? Channel = null, Playback? Playback = null, string Keys = "", Connection? Client = null);

/// <summary>What happens when, by the clock's microseconds. Guarded by the exchange's gate.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Appointment, long> _queue = new();

    /// <summary>When the next thing is due; the end of time where there is none.</summary>
    public long Next => _queue.TryPeek(out _, out var due) ? due : long.MaxValue;

    public void Add(long due, Appointment appointment) => _queue.Enqueue(appointment, due);

    public bool TryTake(long now, out Appointment appointment, out long due) =>
        _queue.TryPeek(out appointment, out due) && due <= now && _queue.TryDequeue(out appointment, out due);
}
