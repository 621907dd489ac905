using Dialer.Grains.Interfaces.DialPlans;
using System.Globalization;
using Dialer.Grains.DialPlans;

namespace Dialer.Grains.Speech;

/// <summary>Turns the text of a «say text» extension and a contact's variables into what is played.</summary>
public static class SpokenText
{
    private static readonly string[] DateFormats =
        ["yyyy-MM-dd", "dd.MM.yyyy", "d.M.yyyy", "yyyyMMdd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    private static readonly string[] TimeFormats =
        ["HH:mm", "H:mm", "HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>
    /// Free text gives one part for each fixed piece and one for each variable, so that the fixed pieces are rendered
    /// once for all contacts; every other type is filled in first, and then gives one part for each word.
    /// </summary>
    /// <exception cref="SpeechException">A variable is missing or cannot be spoken; names it.</exception>
    public static Phrase Compose(
        SayType type, Template template, IReadOnlyDictionary<string, string> variables, string culture, SignMode sign)
    {
        if (type == SayType.Text)
        {
            return new(FreeText(template, variables));
        }

        var text = template.Expand(variables).Trim();
        try
        {
            return new(type switch
            {
                SayType.Money => Money(text, culture, sign),
                SayType.Number => Number(text, culture, sign),
                SayType.Digits => SpokenDigits.Words(text, culture),
                SayType.Date => SpokenDate.Words(ReadDate(text), culture),
                SayType.Time => SpokenTime.Words(ReadTime(text), culture),
                _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no rule for speaking this type."),
            });
        }
        catch (SpeechException e) when (template.Variables.Count > 0)
        {
            throw e.In(string.Join(", ", template.Variables));
        }
    }

    private static List<string> FreeText(Template template, IReadOnlyDictionary<string, string> variables)
    {
        var parts = new List<string>(template.Segments.Count);
        foreach (var segment in template.Segments)
        {
            var text = segment.Expand(variables).Trim();
            if (text.Any(char.IsLetterOrDigit))
            {
                parts.Add(text);
            }
            else if (segment is TemplateVariable variable)
            {
                throw new SpeechException(SpeechFault.Unreadable,
                    $"«{WrittenNumber.Shown(text)}» has no letters or digits to speak.", variable.Name);
            }
        }

        return parts.Count > 0
            ? parts
            : throw new SpeechException(SpeechFault.Missing, "The text of the extension has nothing to speak.");
    }

    private static IReadOnlyList<string> Money(string text, string culture, SignMode sign)
    {
        var (amount, currency) = SpokenAmount.Parse(text, culture);
        return SpokenMoney.Words(amount, currency, culture, sign);
    }

    private static IReadOnlyList<string> Number(string text, string culture, SignMode sign)
    {
        var rest = text;
        var minus = WrittenNumber.TakeMinus(ref rest);
        var number = WrittenNumber.Read(rest, SpokenNumber.MostDecimals);
        return SpokenNumber.Words(minus ? -number : number, culture, sign);
    }

    private static DateOnly ReadDate(string text) =>
        DateTime.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? DateOnly.FromDateTime(date)
            : throw new SpeechException(SpeechFault.Unreadable,
                $"«{WrittenNumber.Shown(text)}» is not a date. Write it like 2026-03-21 or 21.03.2026.");

    private static TimeOnly ReadTime(string text) =>
        DateTime.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var time)
            ? TimeOnly.FromDateTime(time)
            : throw new SpeechException(SpeechFault.Unreadable,
                $"«{WrittenNumber.Shown(text)}» is not a time of day. Write it like 14:05.");
}
