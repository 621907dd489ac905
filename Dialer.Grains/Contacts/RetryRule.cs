using System.Runtime.InteropServices;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;

namespace Dialer.Grains.Contacts;

/// <summary>How a campaign retries.</summary>
/// <param name="Retries">How many further attempts a contact gets.</param>
/// <param name="Interval">From the end of an attempt to the next one.</param>
/// <param name="PerVerdict">Another interval after single verdicts that use up a retry; null where there is none.</param>
public sealed record RetryPolicy(int Retries, TimeSpan Interval, IReadOnlyDictionary<Verdict, TimeSpan>? PerVerdict = null);

/// <summary>What becomes of a contact after an attempt.</summary>
/// <param name="State">Waiting, or one of the final states.</param>
/// <param name="NextDueAt">When it may be called again, in UTC; null in a final state.</param>
/// <param name="Progress">The progress to store.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RetryDecision(ContactState State, DateTimeOffset? NextDueAt, ContactProgress Progress);

/// <summary>Decides what becomes of a contact when an attempt has ended.</summary>
public static class RetryRule
{
    /// <summary>The wait after the first attempt that failed through us or the carrier; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstSetback = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait after such an attempt.</summary>
    public static readonly TimeSpan LongestSetback = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The decision. What the called side did uses up a retry and passes the turn to the next number; what we or the carrier did
    /// (Congestion, TrunkDown, Interrupted) uses up none and tries the same number again, with growing pauses.
    /// </summary>
    /// <param name="verdict">How the attempt ended.</param>
    /// <param name="numberIndex">Which of the contact's numbers was called.</param>
    /// <param name="progress">The progress before this attempt.</param>
    /// <param name="policy">The campaign's rule.</param>
    /// <param name="endedAt">When the attempt ended.</param>
    /// <exception cref="ArgumentOutOfRangeException">The contact has no number of that index, or the verdict is unknown.</exception>
    public static RetryDecision After(
        Verdict verdict, int numberIndex, ContactProgress progress, RetryPolicy policy, DateTimeOffset endedAt)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numberIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(numberIndex, progress.NumberCount);
        var calm = progress with { Setbacks = 0 };
        return verdict switch
        {
            Verdict.Success => new(ContactState.Done, null, calm),
            Verdict.Cancelled => new(ContactState.Withdrawn, null, calm),
            Verdict.Congestion or Verdict.TrunkDown or Verdict.Interrupted => SetBack(numberIndex, progress, endedAt),
            Verdict.InvalidNumber => Retry(verdict, numberIndex, calm with { Struck = calm.Struck | (1 << numberIndex) }, policy, endedAt),
            Verdict.NoAnswer or Verdict.Busy or Verdict.Rejected or Verdict.TooShort or Verdict.Machine
                => Retry(verdict, numberIndex, calm, policy, endedAt),
            _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "This verdict has no rule for retries; add it to RetryRule."),
        };
    }

    /// <summary>Whether attempts that end so use up a retry (and may have an interval of their own).</summary>
    public static bool UsesUpRetry(Verdict verdict) => verdict
        is Verdict.NoAnswer or Verdict.Busy or Verdict.Rejected or Verdict.TooShort or Verdict.Machine or Verdict.InvalidNumber;

    private static RetryDecision Retry(
        Verdict verdict, int numberIndex, ContactProgress progress, RetryPolicy policy, DateTimeOffset endedAt)
    {
        var next = NumberRotation.Pick(progress with { NextNumber = numberIndex + 1 });
        if (next is null || progress.RetriesUsed >= policy.Retries)
        {
            return new(ContactState.Failed, null, progress);
        }

        var interval = policy.PerVerdict is not null && policy.PerVerdict.TryGetValue(verdict, out var own) ? own : policy.Interval;
        return new(
            ContactState.Waiting,
            (endedAt + interval).ToUniversalTime(),
            progress with { NextNumber = next.Value, RetriesUsed = progress.RetriesUsed + 1 });
    }

    private static RetryDecision SetBack(int numberIndex, ContactProgress progress, DateTimeOffset endedAt)
    {
        // Six doublings pass the longest wait; a larger shift would only overflow.
        var wait = FirstSetback * (1 << Math.Clamp(progress.Setbacks, 0, 6));
        return new(
            ContactState.Waiting,
            (endedAt + (wait < LongestSetback ? wait : LongestSetback)).ToUniversalTime(),
            progress with { NextNumber = numberIndex, Setbacks = Math.Min(progress.Setbacks, int.MaxValue - 1) + 1 });
    }
}
