using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Xunit;

namespace Dialer.Tests.Campaigns;

public sealed class CampaignRulesTests
{
    private static readonly CampaignSettings Good = new(
        "Debts", "999", true, [new("main", 3)],
        [new([Weekday.Mon, Weekday.Fri], new(9, 0), new(20, 0))],
        new DateOnly(2026, 1, 1), new DateOnly(2030, 12, 31), TimeSpan.FromSeconds(10), 3, TimeSpan.FromMinutes(30),
        TimeSpan.FromSeconds(45), "+74950000000");

    public static TheoryData<string, Func<CampaignSettings, CampaignSettings>> Bad => new()
    {
        { "name", s => s with { Name = " " } },
        { "name", s => s with { Name = new string('x', 201) } },
        { "entry", s => s with { Entry = null! } },
        { "entry", s => s with { Entry = "main" } },
        { "trunks", s => s with { Trunks = null! } },
        { "trunks[0].trunk", s => s with { Trunks = [new("a/b", 1)] } },
        { "trunks[0].trunk", s => s with { Trunks = [new(null!, 1)] } },
        { "trunks[1].trunk", s => s with { Trunks = [new("main", 1), new("main", 2)] } },
        { "trunks[1].lines", s => s with { Trunks = [new("main", 1), new("spare", 0)] } },
        { "trunks[0].lines", s => s with { Trunks = [new("main", 10_001)] } },
        { "schedule[0].days", s => s with { Schedule = [new([], new(9, 0), new(20, 0))] } },
        { "schedule[0].days", s => s with { Schedule = [new(null!, new(9, 0), new(20, 0))] } },
        { "schedule[1].days", s => s with { Schedule = [s.Schedule![0], new([(Weekday)7], new(9, 0), new(20, 0))] } },
        { "schedule[0].days", s => s with { Schedule = [new([Weekday.Mon, Weekday.Mon], new(9, 0), new(20, 0))] } },
        { "schedule", s => s with { Schedule = [.. Enumerable.Repeat(s.Schedule![0], 101)] } },
        { "startDate", s => s with { StartDate = DateOnly.MaxValue, EndDate = null } },
        { "endDate", s => s with { EndDate = new(2025, 12, 31) } },
        { "endDate", s => s with { EndDate = DateOnly.MaxValue } },
        { "minimumDuration", s => s with { MinimumDuration = TimeSpan.FromSeconds(-1) } },
        { "minimumDuration", s => s with { MinimumDuration = TimeSpan.FromHours(25) } },
        { "retries", s => s with { Retries = -1 } },
        { "retries", s => s with { Retries = 101 } },
        { "retryInterval", s => s with { RetryInterval = TimeSpan.FromHours(25) } },
        { "retryInterval", s => s with { RetryInterval = TimeSpan.FromSeconds(-1) } },
        { "ringTimeout", s => s with { RingTimeout = TimeSpan.FromSeconds(4) } },
        { "ringTimeout", s => s with { RingTimeout = TimeSpan.FromMinutes(6) } },
        { "callerId", s => s with { CallerId = "" } },
        { "callerId", s => s with { CallerId = "Bank <1>" } },
        { "callerId", s => s with { CallerId = "+" } },
        { "callerId", s => s with { CallerId = new string('1', 33) } },
        { "schedule[0].days", s => s with { Schedule = [new([Weekday.Mon, (Weekday)7], new(9, 0), new(20, 0))] } },
        { "startDate", s => s with { StartDate = new(3000, 1, 1), EndDate = null } },
        { "endDate", s => s with { EndDate = new(3000, 1, 1) } },
        { "retryIntervals.busy", s => s with { RetryIntervals = new Dictionary<Verdict, TimeSpan> { [Verdict.Busy] = TimeSpan.FromDays(2) } } },
        { "retryIntervals.trunkDown", s => s with { RetryIntervals = new Dictionary<Verdict, TimeSpan> { [Verdict.TrunkDown] = TimeSpan.FromMinutes(1) } } },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void A_setting_that_is_not_acceptable_is_refused_by_its_JSON_name(string field, Func<CampaignSettings, CampaignSettings> change)
    {
        var refusal = Assert.Throws<RefusedException>(() => CampaignRules.Check(change(Good)));
        Assert.Equal((Refusal.Invalid, field), (refusal.Refusal, refusal.Field));
        Assert.NotEmpty(refusal.Message);
    }

    [Fact]
    public void Whoever_names_a_duration_that_is_too_long_is_told_the_longest()
    {
        Assert.Equal("The duration is 00:00:00 to 24:00:00.", MessageFor(Good with { MinimumDuration = TimeSpan.FromHours(25) }));
        Assert.Equal("The duration is 00:00:05 to 00:05:00.", MessageFor(Good with { RingTimeout = TimeSpan.FromMinutes(6) }));

        static string MessageFor(CampaignSettings settings) => Assert.Throws<RefusedException>(() => CampaignRules.Check(settings)).Message;
    }

    [Fact]
    public void Good_settings_are_accepted()
    {
        CampaignRules.Check(Good);
        CampaignRules.Check(new("Debts", "999", false, []));
        CampaignRules.Check(Good with { Name = new string('x', 200), CallerId = new string('1', 32), Trunks = [new("main", 10_000)] });
        CampaignRules.Check(Good with { CallerId = "+1", Schedule = [.. Enumerable.Repeat(Good.Schedule![0], 100)] });
        CampaignRules.Check(Good with { StartDate = new(2999, 12, 31), EndDate = new(2999, 12, 31) });
        CampaignRules.Check(Good with { StartDate = Good.EndDate, Retries = 0, RetryInterval = TimeSpan.Zero });
        CampaignRules.Check(Good with { Retries = 100, RetryInterval = TimeSpan.FromHours(24), RingTimeout = TimeSpan.FromMinutes(5) });
    }

    [Fact]
    public void Settings_that_say_nothing_call_at_any_time_and_retry_after_half_an_hour()
    {
        var settings = new CampaignSettings("Debts", "999", true, []);
        Assert.True(CampaignRules.Hours(settings).IsOpen(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc));
        Assert.Equal((3, TimeSpan.FromMinutes(30)), (CampaignRules.Retries(settings).Retries, CampaignRules.Retries(settings).Interval));
        Assert.Equal(TimeSpan.FromMinutes(5), CampaignRules.Retries(settings with { RetryInterval = TimeSpan.FromMinutes(5) }).Interval);
    }
}
