using Dialer.Grains.Campaigns;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces.Campaigns;
using Xunit;

namespace Dialer.Tests.Contacts;

public sealed class CallPermissionTests
{
    private static readonly TimeZoneInfo Moscow = TimeZoneInfo.FindSystemTimeZoneById("Europe/Moscow");
    private static readonly CallingHours Hours = new(
        [new([Weekday.Mon, Weekday.Tue, Weekday.Wed, Weekday.Thu, Weekday.Fri], new(9, 0), new(20, 0))],
        new DateOnly(2026, 3, 2), new DateOnly(2026, 3, 13));

    [Theory]
    [InlineData("2026-03-09T09:00:00+03:00", null, null)]
    [InlineData("2026-03-09T19:59:59+03:00", null, null)]
    [InlineData("2026-03-09T20:00:00+03:00", "outsideSchedule", "2026-03-10T06:00:00Z")]
    [InlineData("2026-03-07T12:00:00+03:00", "outsideSchedule", "2026-03-09T06:00:00Z")]
    [InlineData("2026-03-01T12:00:00+03:00", "notStarted", "2026-03-02T06:00:00Z")]
    [InlineData("2020-01-01T12:00:00+03:00", "notStarted", "2026-03-02T06:00:00Z")]
    [InlineData("2026-03-13T21:00:00+03:00", "ended", null)]
    [InlineData("2026-03-14T12:00:00+03:00", "ended", null)]
    [InlineData("2026-03-02T08:00:00+03:00", "outsideSchedule", "2026-03-02T06:00:00Z")]
    [InlineData("2026-03-13T08:00:00+03:00", "outsideSchedule", "2026-03-13T06:00:00Z")]
    public void Dates_and_hours_decide(string now, string? code, string? notBefore)
    {
        var answer = CallPermission.Decide(new(At(now), "74950000000", Moscow, Hours));
        Assert.Equal((code is null, code), (answer.Yes, answer.Code));
        Assert.Equal(notBefore is null ? null : At(notBefore), answer.NotBefore);
        Assert.Equal(answer.Yes, answer.Detail is null);
        Assert.NotEqual("", answer.Detail);
    }

    [Fact]
    public void The_zone_of_the_contact_decides()
    {
        var vladivostok = TimeZoneInfo.FindSystemTimeZoneById("Asia/Vladivostok");
        var now = At("2026-03-09T14:00:00+03:00"); // 21:00 there
        Assert.True(CallPermission.Decide(new(now, "74950000000", Moscow, Hours)).Yes);
        Assert.Equal("outsideSchedule", CallPermission.Decide(new(now, "74950000000", vladivostok, Hours)).Code);
    }

    [Fact]
    public void A_campaign_whose_dates_hold_no_calling_hours_has_ended_before_it_starts()
    {
        var weekend = Hours with { StartDate = new(2026, 3, 7), EndDate = new(2026, 3, 8) };
        var answer = CallPermission.Decide(new(At("2026-03-02T12:00:00Z"), "74950000000", Moscow, weekend));
        Assert.Equal(("ended", null), (answer.Code, answer.NotBefore));
    }

    [Theory]
    [InlineData("74950000000", true)]
    [InlineData("+74950000000", true)]
    [InlineData("*99#1", true)]
    [InlineData("", false)]
    [InlineData("+", false)]
    [InlineData("7+495", false)]
    [InlineData("++7495", false)]
    [InlineData("7495 0000", false)]
    [InlineData("7495@evil.example", false)]
    [InlineData("7495&PJSIP/1", false)]
    [InlineData("7495/1", false)]
    [InlineData("7495\n", false)]
    [InlineData("٣٤٥", false)]
    public void Only_numbers_that_cannot_carry_more_than_a_number_are_called(string number, bool safe)
    {
        var answer = CallPermission.Decide(new(At("2026-03-09T12:00:00+03:00"), number, Moscow, Hours));
        Assert.Equal((safe, safe ? null : "unsafeNumber", null), (answer.Yes, answer.Code, answer.NotBefore));
    }

    [Fact]
    public void An_unsafe_number_is_never_called_and_so_waits_for_no_opening() =>
        Assert.Null(CallPermission.Decide(new(At("2026-03-09T03:00:00+03:00"), "sip:1", Moscow, Hours)).NotBefore);

    [Fact]
    public void No_reason_shows_the_number()
    {
        var answer = CallPermission.Decide(new(At("2026-03-09T12:00:00+03:00"), "74951112233@evil", Moscow, Hours));
        Assert.DoesNotContain("74951112233", answer.Detail, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
