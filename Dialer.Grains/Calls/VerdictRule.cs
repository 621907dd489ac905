using System.Globalization;
using Dialer.Grains.Interfaces.Calls;

namespace Dialer.Grains.Calls;

/// <summary>In which way we learnt that a call is over.</summary>
[GenerateSerializer, Alias("Dialer.CallEnding")]
public enum CallEnding
{
    /// <summary>Asterisk reported the end of the channel.</summary>
    HungUp,
    /// <summary>Asterisk refused to originate the call.</summary>
    OriginateRefused,
    /// <summary>The channel is gone and nobody saw why: Asterisk, its socket or we were away.</summary>
    Lost,
    /// <summary>An administrator ended it.</summary>
    Cancelled,
}

/// <summary>What is known of a call that has ended.</summary>
/// <param name="Answered">Whether the called party answered.</param>
/// <param name="Lasted">From answer to hang-up; zero without an answer.</param>
/// <param name="Cause">The Q.850 cause of <c>ChannelDestroyed</c>, if one came.</param>
/// <param name="TechCause">The SIP status of <c>ChannelDestroyed</c> (<c>tech_cause</c>, "486"), if one came.</param>
/// <param name="DialStatus">
/// The furthest status of the <c>Dial</c> events: RINGING or PROGRESS once either came, whatever followed; otherwise the last one,
/// "" for none. Null: nobody knows, since nobody listened for a while.
/// </param>
/// <param name="Ending">How the end was learnt.</param>
public sealed record CallFacts(bool Answered, TimeSpan Lasted, int? Cause, string? TechCause, string? DialStatus, CallEnding Ending);

/// <summary>
/// The one place that decides how an attempt ended. An answer counts by its duration; otherwise the SIP status decides before the
/// Q.850 cause, because Asterisk folds several statuses into one cause (401, 403 and 407 are all 21). Statuses and causes
/// without a row of their own end in a verdict that uses up a retry unless they are plainly the network's, so that a number with an
/// odd answer is not called for ever; and a number is struck out only by a code that says that it does not exist.
/// </summary>
public static class VerdictRule
{
    /// <param name="facts">What is known of the call.</param>
    /// <param name="minimumDuration">From how long an answered call counts as a success.</param>
    public static Verdict Decide(CallFacts facts, TimeSpan minimumDuration)
    {
        if (facts.Ending == CallEnding.Cancelled)
        {
            return Verdict.Cancelled;
        }

        if (facts.Answered)
        {
            return facts.Lasted >= minimumDuration ? Verdict.Success
                : facts.Ending == CallEnding.HungUp ? Verdict.TooShort
                : Verdict.Interrupted;
        }

        return facts.Ending switch
        {
            CallEnding.OriginateRefused => Verdict.TrunkDown,
            CallEnding.Lost => Verdict.Interrupted,
            _ when WasSilent(facts) => Verdict.TrunkDown,
            _ => BySipStatus(facts) ?? ByCause(facts) ?? ByDialStatus(facts.DialStatus),
        };
    }

    private static Verdict? BySipStatus(CallFacts facts) =>
        !int.TryParse(facts.TechCause, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? null : status switch
        {
            401 or 402 or 407 => Verdict.TrunkDown, // Our login is refused, or the account is out of money.
            403 or 433 or 603 or 607 or 608 => Verdict.Rejected,
            404 or 410 or 484 or 485 or 604 => Verdict.InvalidNumber,
            408 => NobodyResponded(facts),
            480 or 487 => Verdict.NoAnswer,
            486 or 600 => Verdict.Busy,
            // No common codec, loops and glare are between us and the carrier, not the called party's doing.
            415 or 482 or 483 or 488 or 491 or 606 => Verdict.Congestion,
            // A gateway that translates another network's cause says 500 with that cause; its own failure is 38.
            500 => facts.Cause is null or 0 or 38 ? Verdict.TrunkDown : Verdict.Congestion,
            502 => Verdict.TrunkDown,
            >= 300 and < 500 => Verdict.NoAnswer,
            >= 500 and < 600 => Verdict.Congestion,
            >= 600 and < 700 => Verdict.Rejected,
            _ => null,
        };

    // Q.850, table 1.
    private static Verdict? ByCause(CallFacts facts) => facts.Cause switch
    {
        null or 0 => null,
        1 or 22 or 28 => Verdict.InvalidNumber, // unallocated, number changed, invalid format
        17 => Verdict.Busy,
        18 => NobodyResponded(facts),
        21 or 54 or 55 or 87 => Verdict.Rejected, // rejected, incoming calls barred, closed user group
        38 or 52 => Verdict.TrunkDown, // network out of order, our outgoing calls are barred
        2 or 3 or 6 or 7 or 8 or 25 or 29 => Verdict.Congestion, // no route, channel unacceptable, pre-emption, routing error
        >= 34 and <= 47 => Verdict.Congestion, // the class «resource unavailable»
        >= 57 and <= 79 => Verdict.Congestion, // service or option not available or not implemented
        91 or 102 => Verdict.Congestion, // transit network, a timer of the network ran out
        _ => Verdict.NoAnswer, // 19, 20 (absent), 16 and 31 before an answer, 27 (their telephone is out of order), 127 …
    };

    private static Verdict ByDialStatus(string? status) => status switch
    {
        "BUSY" => Verdict.Busy,
        "CONGESTION" => Verdict.Congestion,
        "CHANUNAVAIL" => Verdict.TrunkDown,
        _ => Verdict.NoAnswer,
    };

    // Our ringing time-out ended a call that never rang, progressed or was refused (a far end that says 480 by itself leaves the status
    // NOANSWER): the gateway did not say a word. A whole list must not be used up against a gateway that is switched off. Nor must a gateway rest
    // that may have said that it rang, while nobody listened.
    private static bool WasSilent(CallFacts facts) => facts.Cause == 19 && facts.DialStatus is "";

    // 408 and cause 18 are what Asterisk makes of an INVITE that nobody acknowledged for 32 s: the gateway is silent. After a sign of
    // life from the far end they only mean that nobody picked up.
    private static Verdict NobodyResponded(CallFacts facts) =>
        facts.DialStatus is null or "RINGING" or "PROGRESS" ? Verdict.NoAnswer : Verdict.TrunkDown;
}
