using System.Globalization;

namespace Dialer.Chaos;

/// <summary>When the campaign of a program may call, in the tenant's time.</summary>
internal sealed class Hours
{
    /// <summary>The tenant's time zone: one without daylight saving, so that hours are the same on every night of the year.</summary>
    public const string Zone = "Etc/UTC";

    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan After = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly string[] s_week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    private readonly (DateTimeOffset From, DateTimeOffset To)[] _windows;

    private Hours(params (DateTimeOffset From, DateTimeOffset To)[] windows) => _windows = windows;

    /// <summary>Day and night.</summary>
    public static Hours Always { get; } = new();

    /// <summary>The time in which nobody may be called.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Closed { get; private init; }

    /// <summary>
    /// Open from five minutes ago for as long as the longest program takes, but for one short time that comes soon. An hour earlier and later
    /// it is just the other way round: whoever goes by a clock that is an hour wrong calls in that time alone. All of it is less than an hour,
    /// so that the windows of the one clock do not reach into those of the other.
    /// </summary>
    /// <param name="now">The present, which may be shortly before midnight: a window then reaches into the next day.</param>
    /// <param name="closesIn">How soon it closes.</param>
    /// <param name="closedFor">For how long.</param>
    public static Hours AcrossSteps(DateTimeOffset now, TimeSpan closesIn, TimeSpan closedFor)
    {
        // A schedule knows whole seconds.
        var start = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), now.Offset);
        var (from, to) = (start + closesIn, start + closesIn + closedFor);
        return new Hours((start - Before, from), (to, start + After), (from - Hour, to - Hour), (from + Hour, to + Hour)) { Closed = (from, to) };
    }

    /// <summary>As REST takes it.</summary>
    public object[] Schedule => _windows.Length == 0
        ? [new { days = s_week, from = "00:00", to = "00:00" }]
        : [.. _windows.Select(window => new { days = s_week, from = Clock(window.From), to = Clock(window.To) })];

    private static string Clock(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(Zone)).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
