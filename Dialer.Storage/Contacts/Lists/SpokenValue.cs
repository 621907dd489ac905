using System.Globalization;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>Brings the value of a variable that is spoken into the one form that speech reads.</summary>
/// <param name="decimals">What the file writes before a fraction.</param>
public sealed class SpokenValue(DecimalSign decimals)
{
    private static readonly string[] Dates = ["d.M.yyyy", "d.M.yy", "yyyy-M-d", "yyyy.M.d", "d.M.yyyy H:mm:ss", "yyyy-M-d H:mm:ss", "yyyy-M-d'T'H:mm:ss"];
    private static readonly string[] Times = ["H:m", "H:m:s"];

    /// <summary>Normalises a value.</summary>
    /// <param name="kind">How it is spoken.</param>
    /// <param name="value">As it stands in the file, trimmed and not empty.</param>
    /// <param name="into">Longer than the value, and than 16.</param>
    /// <param name="length">How much of it was written.</param>
    /// <param name="reason">What is wrong with the value, to follow its name in a sentence.</param>
    public bool TryNormalise(SpokenVariable kind, ReadOnlySpan<char> value, Span<char> into, out int length, out string reason)
    {
        reason = "";
        switch (kind)
        {
            case SpokenVariable.Money or SpokenVariable.Number:
                return Amount.TryNormalise(value, decimals, into, out length, out reason);

            case SpokenVariable.Digits when value.IndexOfAnyInRange('0', '9') < 0:
                length = 0;
                reason = "has no digits to speak";
                return false;

            // Slashes mean day/month here and month/day there, so they are not guessed at.
            case SpokenVariable.Date:
                reason = "is not a date such as 2026-03-09 or 09.03.2026";
                length = 0;
                return DateTime.TryParseExact(value, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                    && DateOnly.FromDateTime(date).TryFormat(into, out length, "yyyy-MM-dd", CultureInfo.InvariantCulture);

            case SpokenVariable.Time:
                reason = "is not a time such as 07:05";
                length = 0;
                return TimeOnly.TryParseExact(value, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                    && time.TryFormat(into, out length, "HH:mm", CultureInfo.InvariantCulture);

            default:
                value.CopyTo(into);
                length = value.Length;
                return true;
        }
    }
}
