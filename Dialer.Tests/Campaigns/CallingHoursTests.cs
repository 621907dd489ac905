using System.Globalization;
using CsCheck;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Campaigns;

public sealed class CallingHoursTests
{
    private static readonly Weekday[] AllDays = Enum.GetValues<Weekday>();
    private static readonly string[] Zones =
    [
        "Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
        "America/St_Johns", "Pacific/Apia", "America/Santiago", "Africa/Cairo", "UTC",
    ];

    [Theory]
    [InlineData("2026-03-09T08:59:59.9999999", false)]
    [InlineData("2026-03-09T09:00", true)]
    [InlineData("2026-03-09T19:59:59.9999999", true)]
    [InlineData("2026-03-09T20:00", false)]
    [InlineData("2026-03-08T12:00", false)]
    public void A_window_is_open_from_its_first_moment_to_just_before_its_last(string utc, bool open) =>
        Assert.Equal(open, Window("mon", "09:00", "20:00").IsOpen(At(utc), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("2026-03-09T21:59", false)]
    [InlineData("2026-03-09T22:00", true)]
    [InlineData("2026-03-10T00:00", true)]
    [InlineData("2026-03-10T01:59", true)]
    [InlineData("2026-03-10T02:00", false)]
    [InlineData("2026-03-09T01:00", false)]
    [InlineData("2026-03-10T22:00", false)]
    public void A_window_past_midnight_belongs_to_the_day_it_began(string utc, bool open) =>
        Assert.Equal(open, Window("mon", "22:00", "02:00").IsOpen(At(utc), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("2026-03-07T23:59", false)]
    [InlineData("2026-03-08T00:00", true)]
    [InlineData("2026-03-08T23:59", true)]
    [InlineData("2026-03-09T00:00", false)]
    public void Midnight_to_midnight_is_the_whole_day(string utc, bool open) =>
        Assert.Equal(open, Window("sun", "00:00", "00:00").IsOpen(At(utc), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("2026-03-09T23:00", false)]
    [InlineData("2026-03-10T01:00", true)]
    [InlineData("2026-03-11T23:59", true)]
    [InlineData("2026-03-12T00:00", false)]
    public void The_dates_bound_the_day_of_the_call_itself(string utc, bool open)
    {
        var hours = Window("mon tue wed", "22:00", "02:00") with { StartDate = new(2026, 3, 10), EndDate = new(2026, 3, 11) };
        Assert.Equal(open, hours.IsOpen(At(utc), TimeZoneInfo.Utc));
    }

    // Berlin: 29 March 2026 02:00 becomes 03:00 (01:00Z); 25 October 03:00 becomes 02:00 (01:00Z). Lord Howe moves by half an hour.
    // Santiago skips midnight. Apia had no 30 December 2011.
    [Theory]
    [InlineData("Europe/Berlin", "02:30", "03:30", "2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T01:30")]
    [InlineData("Europe/Berlin", "02:15", "02:45", "2026-03-29T00:00", "2026-03-30T00:15", "2026-03-30T00:45")]
    [InlineData("Europe/Berlin", "01:30", "03:30", "2026-03-28T12:00", "2026-03-29T00:30", "2026-03-29T01:30")]
    [InlineData("Europe/Berlin", "02:15", "02:45", "2026-10-24T12:00", "2026-10-25T00:15", "2026-10-25T00:45")]
    [InlineData("Europe/Berlin", "02:15", "02:45", "2026-10-25T00:45", "2026-10-25T01:15", "2026-10-25T01:45")]
    [InlineData("Europe/Berlin", "01:00", "02:30", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30")]
    [InlineData("Europe/Berlin", "22:00", "04:00", "2026-10-24T12:00", "2026-10-24T20:00", "2026-10-25T03:00")]
    [InlineData("Australia/Lord_Howe", "01:45", "02:15", "2026-04-04T12:00", "2026-04-04T14:45", "2026-04-04T15:00")]
    [InlineData("America/Santiago", "00:00", "09:00", "2026-09-06T03:00", "2026-09-06T04:00", "2026-09-06T12:00")]
    [InlineData("Pacific/Apia", "09:00", "10:00", "2011-12-29T21:00", "2011-12-30T19:00", "2011-12-30T20:00")]
    [InlineData("Europe/Moscow", "09:00", "20:00", "2026-12-31T18:00", "2027-01-01T06:00", "2027-01-01T17:00")]
    public void Daylight_saving_moves_the_edges_with_the_clock_on_the_wall(
        string zone, string from, string to, string now, string opens, string closes)
    {
        var (hours, tz) = (new CallingHours([new(AllDays, Time(from), Time(to))]), Zone(zone));
        var opening = hours.NextOpening(At(now), tz);
        Assert.Equal(At(opens), opening);
        Assert.Equal(At(closes), hours.ClosesAt(opening!.Value, tz));
    }

    [Fact]
    public void No_windows_mean_at_any_time()
    {
        var always = new CallingHours([]);
        Assert.Equal(At("2026-03-09T03:00"), always.NextOpening(At("2026-03-09T03:00"), TimeZoneInfo.Utc));
        Assert.Null(always.ClosesAt(At("2026-03-09T03:00"), TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hours_around_the_clock_close_at_the_end_of_the_last_day(bool withWindows)
    {
        var hours = new CallingHours(withWindows ? [new(AllDays, new(0, 0), new(0, 0))] : [], null, new(2030, 12, 31));
        Assert.Equal(At("2030-12-31T21:00"), hours.ClosesAt(At("2026-03-09T03:00"), Zone("Europe/Moscow")));
    }

    [Fact]
    public void A_start_date_far_away_is_found()
    {
        var hours = Window("sat", "10:00", "11:00") with { StartDate = new(2999, 1, 1) };
        Assert.Equal(At("2999-01-05T10:00"), hours.NextOpening(At("2026-03-09T03:00"), TimeZoneInfo.Utc));
    }

    [Fact]
    public void After_the_end_date_there_is_no_opening()
    {
        var hours = Window("sat", "10:00", "11:00") with { EndDate = new(2026, 3, 13) };
        Assert.Null(hours.NextOpening(At("2026-03-09T03:00"), TimeZoneInfo.Utc));
        Assert.Null(hours.NextOpening(At("2026-03-14T03:00"), TimeZoneInfo.Utc));
    }

    private static readonly Gen<TimeOnly> GenTime = Gen.Int[0, 95].Select(q => new TimeOnly(q / 4, q % 4 * 15));
    private static readonly Gen<CallingHours> GenHours = Gen.Select(
        Gen.Select(Gen.Shuffle(AllDays, 1, 3), GenTime, GenTime).Select((days, from, to) => new CallingWindow(days, from, to)).List[0, 2],
        Gen.Int[-3, 3].Nullable(), Gen.Int[0, 6].Nullable(),
        (windows, start, end) => new CallingHours(windows,
            start is null ? null : new DateOnly(2026, 3, 29).AddDays(start.Value),
            end is null ? null : new DateOnly(2026, 3, 29).AddDays(end.Value)));

    // Within a fortnight around the changes of the clock of spring and autumn, and around New Year.
    private static readonly Gen<DateTimeOffset> GenNow = Gen.Select(
        Gen.OneOf(At("2026-03-25T00:00"), At("2026-03-08T00:00"), At("2026-10-22T00:00"), At("2026-12-29T00:00"), At("2011-12-27T00:00")),
        Gen.Int[0, 6 * 24 * 60], (day, minute) => day.AddMinutes(minute));

    [Fact]
    public void The_next_opening_is_open_and_no_earlier_minute_is() =>
        Gen.Select(GenHours, GenNow, Gen.OneOf(Zones)).Sample((hours, now, zone) =>
        {
            var tz = Zone(zone);
            var opening = hours.NextOpening(now, tz);
            Assert.True(opening is null || (opening >= now && hours.IsOpen(opening.Value, tz)));
            var until = opening ?? now.AddDays(10);
            for (var t = now; t < until && t < now.AddDays(10); t = t.AddMinutes(1))
            {
                // A message that nobody reads costs more than what is asked.
                if (hours.IsOpen(t, tz))
                    Assert.Fail($"open already at {t:o}");
            }
        }, iter: Cases.Of(1000), print: Print);

    [Fact]
    public void Hours_stay_open_until_they_close_and_are_closed_then() =>
        Gen.Select(GenHours, GenNow, Gen.OneOf(Zones)).Sample((hours, now, zone) =>
        {
            var tz = Zone(zone);
            var closes = hours.ClosesAt(now, tz);
            Assert.True(closes is null || (closes > now && !hours.IsOpen(closes.Value, tz)));
            for (var t = now; hours.IsOpen(now, tz) && t < (closes ?? now.AddDays(10)) && t < now.AddDays(10); t = t.AddMinutes(1))
            {
                if (!hours.IsOpen(t, tz))
                    Assert.Fail($"closed already at {t:o}");
            }
        }, iter: Cases.Of(1000), print: Print);

    private static string Print((CallingHours Hours, DateTimeOffset Now, string Zone) c) =>
        $"{c.Zone} {c.Now:o} {c.Hours.StartDate}..{c.Hours.EndDate} "
        + string.Join("; ", c.Hours.Windows.Select(w => $"{string.Join(',', w.Days)} {w.From}-{w.To}"));

    private static CallingHours Window(string days, string from, string to) =>
        new([new(days.Split(' ').Select(d => Enum.Parse<Weekday>(d, ignoreCase: true)).ToArray(), Time(from), Time(to))]);

    private static TimeZoneInfo Zone(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);
    private static TimeOnly Time(string text) => TimeOnly.Parse(text, CultureInfo.InvariantCulture);
    private static DateTimeOffset At(string utc) => DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
