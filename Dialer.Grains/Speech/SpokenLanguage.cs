namespace Dialer.Grains.Speech;

/// <summary>The languages that numbers, dates and times are spoken in.</summary>
internal static class SpokenLanguage
{
    /// <summary>Russian for <c>ru</c> and <c>ru-…</c>; English for everything else.</summary>
    public static bool IsRussian(string culture) =>
        culture.Equals("ru", StringComparison.OrdinalIgnoreCase)
        || culture.StartsWith("ru-", StringComparison.OrdinalIgnoreCase);
}
