using System.Globalization;
using Dialer.Web.Resources;
using Microsoft.Extensions.Localization;

namespace Dialer.Web.Components.Words;

/// <summary>Everything that a page says, in the language of the one who looks at it: texts, counts, figures, times.</summary>
public sealed class Phrases(IStringLocalizer<Texts> texts)
{
    /// <summary>The text of that name.</summary>
    public string this[string name] => texts[name];

    /// <summary>The text of that name with its places filled in.</summary>
    public string this[string name, params object[] arguments] => texts[name, arguments];

    /// <summary>The text of that name, or null where there is none (a code that a newer server sends).</summary>
    public string? Find(string name) => texts[name] is { ResourceNotFound: false } text ? text.Value : null;

    /// <summary>A number with its noun in the right form: «5 звонков», <c>1 call</c>. <paramref name="noun"/> is what follows <c>Count.</c>.</summary>
    public string Count(string noun, long count) =>
        texts[$"Count.{noun}.{PluralForm.Of(count, CultureInfo.CurrentUICulture)}", Number(count)];

    /// <summary>A whole number with its thousands apart.</summary>
    public string Number(long number) => number.ToString("N0", CultureInfo.CurrentUICulture);

    /// <summary>A part of a whole in per cent; a dash where there is no whole.</summary>
    public string Share(long part, long whole) =>
        whole == 0 ? "–" : ((double)part / whole).ToString("P0", CultureInfo.CurrentUICulture);

    /// <summary>A moment in a zone: <c>09.03.2026 07:05</c>, <c>9 Mar 2026 07:05</c>.</summary>
    public string Moment(DateTimeOffset moment, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(moment, zone).ToString(IsRussian ? "dd.MM.yyyy HH:mm" : "d MMM yyyy HH:mm", CultureInfo.CurrentUICulture);

    /// <summary>How long a call or all calls lasted: <c>0:07</c>, <c>12:30</c>, <c>101:00:05</c>.</summary>
    public string Duration(TimeSpan duration) => duration.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}:{duration.Minutes:00}:{duration.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}:{duration.Seconds:00}");

    /// <summary>How long ago, roughly: «40 секунд», «3 минуты».</summary>
    public string Age(TimeSpan age) => age < TimeSpan.FromMinutes(2)
        ? Count("Seconds", (long)age.TotalSeconds)
        : Count("Minutes", (long)age.TotalMinutes);

    /// <summary>The size of a file.</summary>
    public string Size(long bytes) => bytes < 1_000_000
        ? this["Size.Kilobytes", Number(Math.Max(1, bytes / 1000))]
        : this["Size.Megabytes", (bytes / 1e6).ToString("N1", CultureInfo.CurrentUICulture)];

    /// <summary>What a cause of Q.850 means.</summary>
    public string Cause(int cause) => Find($"Cause.{cause}") ?? this["Cause.Other", cause];

    private static bool IsRussian => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ru";
}
