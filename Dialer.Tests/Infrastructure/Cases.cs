using System.Globalization;

namespace Dialer.Tests.Infrastructure;

/// <summary>
/// How many cases a property is tried with. <c>./dialer mutate</c> runs the same test for each of hundreds of changes, so it asks for a
/// share of them by <c>DIALER_CASES_PERCENT</c>; everybody else gets all.
/// </summary>
internal static class Cases
{
    private const int Fewest = 20;

    private static readonly int Percent =
        int.TryParse(Environment.GetEnvironmentVariable("DIALER_CASES_PERCENT"), CultureInfo.InvariantCulture, out var percent) ? percent : 100;

    public static int Of(int count) => Math.Max(Fewest, (int)(count * (long)Percent / 100));
}
