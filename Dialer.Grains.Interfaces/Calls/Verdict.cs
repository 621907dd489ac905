namespace Dialer.Grains.Interfaces.Calls;

/// <summary>How an attempt ended; decided in one place, once per attempt. Stored by number: the order never changes.</summary>
[GenerateSerializer, Alias("Dialer.Verdict")]
public enum Verdict
{
    /// <summary>Answered, and lasted at least the campaign's minimum duration.</summary>
    Success,
    /// <summary>Answered, but shorter than the minimum duration.</summary>
    TooShort,
    /// <summary>Rang until the time-out.</summary>
    NoAnswer,
    /// <summary>The called party is busy.</summary>
    Busy,
    /// <summary>The called party rejected the call.</summary>
    Rejected,
    /// <summary>The number does not exist; it is struck out.</summary>
    InvalidNumber,
    /// <summary>An answering machine.</summary>
    Machine,
    /// <summary>No circuit at the carrier; uses up no retry.</summary>
    Congestion,
    /// <summary>The gateway does not answer or refuses us; uses up no retry.</summary>
    TrunkDown,
    /// <summary>A failure of ours cut the call; uses up no retry.</summary>
    Interrupted,
    /// <summary>Ended by an administrator.</summary>
    Cancelled,
}
