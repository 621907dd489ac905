using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Grains.Campaigns;

/// <summary>
/// When a campaign may start calls. The clock on the wall of <c>zone</c> decides, since that is what the called person looks at:
/// hours that daylight saving skips do not exist, and hours that it repeats are open (or closed) both times. All instants that
/// are given back are in UTC.
/// </summary>
/// <param name="Windows">
/// Weekly windows, each from its first moment to just before its last; none means at any time. A window whose <c>To</c> is at or
/// before its <c>From</c> reaches into the next day and belongs to the day on which it began.
/// </param>
/// <param name="StartDate">
/// First day of calls; null for no bound. The date bounds look at the day of the call itself, not at the day on which a window
/// began: a window of the evening before the start date does not count after midnight only, and one of the evening of the end
/// date stops at midnight.
/// </param>
/// <param name="EndDate">Last day of calls, whole; null for no bound.</param>
public sealed record CallingHours(IReadOnlyList<CallingWindow> Windows, DateOnly? StartDate = null, DateOnly? EndDate = null)
{
    // A week shows every window; more, because daylight saving (or a zone that changes sides of the date line) can swallow
    // the only window of a week.
    private const int DaysAhead = 35;

    // No zone is further than this ahead of UTC.
    private static readonly TimeSpan FurthestAhead = TimeSpan.FromHours(15);

    /// <summary>The day that it is in <paramref name="zone"/>.</summary>
    public static DateOnly LocalDate(DateTimeOffset now, TimeZoneInfo zone) => DateOnly.FromDateTime(Local(now.UtcDateTime, zone));

    /// <summary>Whether a call may start at this moment.</summary>
    public bool IsOpen(DateTimeOffset now, TimeZoneInfo zone) => IsOpenAt(Local(now.UtcDateTime, zone));

    /// <summary>The first moment from <paramref name="now"/> on at which a call may start; <paramref name="now"/> itself where it may, null where never again.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (IsOpen(now, zone))
        {
            return now.ToUniversalTime();
        }

        var today = LocalDate(now, zone);
        if (today > EndDate)
        {
            return null;
        }

        var from = now.UtcDateTime;
        if (StartDate > today)
        {
            var dawn = StartDate.Value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - FurthestAhead;
            from = dawn > from ? dawn : from;
        }

        return FirstBoundary(from, zone, open: true);
    }

    /// <summary>When the calling hours that are open now end; null where they are closed now, or never end.</summary>
    public DateTimeOffset? ClosesAt(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (!IsOpen(now, zone))
        {
            return null;
        }

        var close = Windows.Count == 0 ? null : FirstBoundary(now.UtcDateTime, zone, open: false);
        if (close is not null || EndDate is null)
        {
            return close;
        }

        // Open all week: only the end date closes it.
        var eve = EndDate.Value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - FurthestAhead;
        return FirstBoundary(eve > now.UtcDateTime ? eve : now.UtcDateTime, zone, open: false);
    }

    private static DateTime Local(DateTime utc, TimeZoneInfo zone) =>
        DateTime.SpecifyKind(utc + zone.GetUtcOffset(utc), DateTimeKind.Unspecified);

    private bool IsOpenAt(DateTime local)
    {
        var (day, time) = (DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local));
        if (day < StartDate || day > EndDate)
        {
            return false;
        }

        var today = (Weekday)(int)day.DayOfWeek;
        var yesterday = (Weekday)(((int)day.DayOfWeek + 6) % 7);
        return Windows.Count == 0 || Windows.Any(w => w.To > w.From
            ? w.Days.Contains(today) && time >= w.From && time < w.To
            : (w.Days.Contains(today) && time >= w.From) || (w.Days.Contains(yesterday) && time < w.To));
    }

    private DateTimeOffset? FirstBoundary(DateTime fromUtc, TimeZoneInfo zone, bool open)
    {
        foreach (var boundary in Boundaries(fromUtc, zone))
        {
            if (IsOpenAt(Local(boundary, zone)) == open)
            {
                return new DateTimeOffset(boundary, TimeSpan.Zero);
            }
        }

        return null;
    }

    /// <summary>
    /// Every instant after <paramref name="fromUtc"/> at which open may turn to closed or back, in order: the edges of windows and
    /// midnights of each stretch of time with one offset, and the changes of the offset themselves.
    /// </summary>
    private IEnumerable<DateTime> Boundaries(DateTime fromUtc, TimeZoneInfo zone)
    {
        var edges = Windows.SelectMany(w => new[] { w.From, w.To }).Append(TimeOnly.MinValue).Distinct().Order().ToArray();
        var end = fromUtc.AddDays(DaysAhead);
        for (var start = fromUtc; start < end;)
        {
            var stop = EndOfOffset(start, start.AddDays(1), zone);
            var offset = zone.GetUtcOffset(start);
            if (start > fromUtc)
            {
                yield return start;
            }

            for (var day = (start + offset).Date; day < stop + offset; day = day.AddDays(1))
            {
                foreach (var edge in edges)
                {
                    var instant = DateTime.SpecifyKind(day + edge.ToTimeSpan() - offset, DateTimeKind.Utc);
                    if (instant > start && instant < stop)
                    {
                        yield return instant;
                    }
                }
            }

            start = stop;
        }
    }

    /// <summary>The first instant with another offset than <paramref name="start"/> has, or <paramref name="stop"/>. Exact to the tick.</summary>
    private static DateTime EndOfOffset(DateTime start, DateTime stop, TimeZoneInfo zone)
    {
        var offset = zone.GetUtcOffset(start);
        if (zone.GetUtcOffset(stop) == offset)
        {
            return stop;
        }

        var (same, other) = (start.Ticks, stop.Ticks);
        while (other - same > 1)
        {
            var middle = same + ((other - same) / 2);
            if (zone.GetUtcOffset(new DateTime(middle, DateTimeKind.Utc)) == offset)
            {
                same = middle;
            }
            else
            {
                other = middle;
            }
        }

        return new DateTime(other, DateTimeKind.Utc);
    }
}
