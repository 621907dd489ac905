using System.Buffers;
using System.Globalization;
using Dialer.Grains.Campaigns;

namespace Dialer.Grains.Contacts;

/// <summary>May this contact be called now, on this number?</summary>
/// <param name="Now">The moment of the call.</param>
/// <param name="Number">The number to call.</param>
/// <param name="Zone">The contact's time zone, or the tenant's where it has none.</param>
/// <param name="Hours">When the campaign may call.</param>
public sealed record CallQuestion(DateTimeOffset Now, string Number, TimeZoneInfo Zone, CallingHours Hours);

/// <summary>Yes, or no with its reason.</summary>
/// <param name="Yes">Whether the call may start.</param>
/// <param name="Code">Stable name of the reason: unsafeNumber, notStarted, ended, outsideSchedule; null for a yes.</param>
/// <param name="Detail">The reason in words; null for a yes.</param>
/// <param name="NotBefore">When to ask again, in UTC; null for a yes, and for a no that does not end by itself.</param>
public readonly record struct CallAnswer(bool Yes, string? Code, string? Detail, DateTimeOffset? NotBefore);

/// <summary>
/// The one place that decides whether a call may start. A further rule (do-not-call lists, holidays, legal limits) is one more
/// entry in the list: it answers null where it has nothing against the call.
/// </summary>
public static class CallPermission
{
    private static readonly SearchValues<char> SafeCharacters = SearchValues.Create("0123456789*#");
    private static readonly Func<CallQuestion, CallAnswer?>[] Rules = [SafeNumber, Dates, Schedule];

    /// <summary>The first objection, or yes. Objections that never end come first, so that nobody waits for one in vain.</summary>
    public static CallAnswer Decide(CallQuestion question)
    {
        foreach (var rule in Rules)
        {
            if (rule(question) is { } no)
            {
                return no;
            }
        }

        return new(true, null, null, null);
    }

    /// <summary>
    /// Whether a number can be put into a dial string: digits, <c>*</c> and <c>#</c>, and a leading <c>+</c>. Anything else
    /// (<c>@</c>, <c>/</c>, <c>&amp;</c>, a space) could redirect the call or start a second one.
    /// </summary>
    public static bool IsSafe(string number)
    {
        var body = number.AsSpan(number.StartsWith('+') ? 1 : 0);
        return body.Length > 0 && !body.ContainsAnyExcept(SafeCharacters);
    }

    private static CallAnswer? SafeNumber(CallQuestion question) => IsSafe(question.Number)
        ? null
        : No("unsafeNumber", "The number holds something other than digits, * and # after an optional leading +. Correct it in the list.", null);

    private static CallAnswer? Dates(CallQuestion question)
    {
        var (hours, zone) = (question.Hours, question.Zone);
        var today = CallingHours.LocalDate(question.Now, zone);
        if (today < hours.StartDate)
        {
            return hours.NextOpening(question.Now, zone) is { } opening
                ? No("notStarted", string.Create(CultureInfo.InvariantCulture, $"Calls start on {hours.StartDate:yyyy-MM-dd}."), opening)
                : No("ended", "No calling hours lie between the start and the end date. Widen the schedule or the dates.", null);
        }

        return today > hours.EndDate
            ? No("ended", string.Create(CultureInfo.InvariantCulture, $"The last day of calls was {hours.EndDate:yyyy-MM-dd}."), null)
            : null;
    }

    private static CallAnswer? Schedule(CallQuestion question)
    {
        if (question.Hours.IsOpen(question.Now, question.Zone))
        {
            return null;
        }

        return question.Hours.NextOpening(question.Now, question.Zone) is { } opening
            ? No("outsideSchedule", "It is outside the calling hours.", opening)
            : No("ended", "The last calling hours before the end date are over.", null);
    }

    private static CallAnswer No(string code, string detail, DateTimeOffset? notBefore) => new(false, code, detail, notBefore);
}
