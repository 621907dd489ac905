using System.Globalization;

namespace Dialer.Chaos;

/// <summary>When the campaign of a program may call, in the tenant's time.</summary>
internal sealed class Hours
{
    /// <summary>The tenant's time zone.</summary>
    public const string Zone = "Europe/London";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly string[] s_week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    private readonly (DateTimeOffset From, DateTimeOffset To)[] _windows;

    private Hours(params (DateTimeOffset From, DateTimeOffset To)[] windows) => _windows = windows;

    /// <summary>Day and night.</summary>
    public static Hours Always { get; } = new();

    /// <summary>The one minute in which nobody may be called.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Closed { get; private init; }

    /// <summary>
    /// Open for half an hour before and after now, but for one minute that comes soon. An hour earlier and later it is just the other way
    /// round: whoever goes by a clock that is an hour wrong calls in that minute alone.
    /// </summary>
    public static Hours AcrossSteps(DateTimeOffset now)
    {
        var hour = TimeSpan.FromHours(1);
        var start = new DateTimeOffset(now.Ticks - (now.Ticks % Minute.Ticks), now.Offset);
        var (from, to) = (start + (2 * Minute), start + (3 * Minute));
        return new Hours((start - (hour / 2), from), (to, start + (hour / 2)), (from - hour, to - hour), (from + hour, to + hour)) { Closed = (from, to) };
    }

    /// <summary>As REST takes it.</summary>
    public object[] Schedule => _windows.Length == 0
        ? [new { days = s_week, from = "00:00", to = "00:00" }]
        : [.. _windows.Select(window => new { days = s_week, from = Clock(window.From), to = Clock(window.To) })];

    private static string Clock(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(Zone)).ToString("HH:mm", CultureInfo.InvariantCulture);
}
