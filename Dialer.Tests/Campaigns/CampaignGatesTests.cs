using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Trunks;
using Xunit;

namespace Dialer.Tests.Campaigns;

public sealed class CampaignGatesTests
{
    // Tuesday, 10:00 in Moscow.
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 7, 0, 0, TimeSpan.Zero);

    private static readonly CampaignSituation s_open = new()
    {
        Settings = new CampaignSettings("Debts", "999", Enabled: true, [new TrunkShare("main", 3)]),
        Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Moscow"),
        Contacts = Counts(waiting: 5),
        NextDue = s_now,
        Trunks = new Dictionary<string, LineAnswer> { ["main"] = new(Exists: true, Free: 3, null, null) },
    };

    public static TheoryData<string, CampaignSituation, CampaignActivity, string> Cases => new()
    {
        { "all gates open", s_open, CampaignActivity.Calling, "" },
        { "paused", With(s => s with { Enabled = false }), CampaignActivity.Paused, "paused" },
        { "paused with a running call", With(s => s with { Enabled = false }) with { Contacts = Counts(calling: 1) }, CampaignActivity.Paused, "paused" },
        { "before the hours", With(s => s with { Schedule = Window(11, 20) }), CampaignActivity.Waiting, "outsideSchedule 08:00" },
        { "after the hours", With(s => s with { Schedule = Window(8, 10) }), CampaignActivity.Waiting, "outsideSchedule 05:00" },
        { "before the first day", With(s => s with { StartDate = new(2026, 3, 12) }), CampaignActivity.Waiting, "notStarted 21:00" },
        { "after the last day", With(s => s with { EndDate = new(2026, 3, 9) }), CampaignActivity.Finished, "ended" },
        { "no hours before the last day", With(s => s with { EndDate = new(2026, 3, 10), Schedule = Window(8, 9) }), CampaignActivity.Finished, "ended" },
        { "a broken plan", s_open with { PlanProblems = ["Extension 999: no audio."] }, CampaignActivity.Idle, "dialPlan" },
        { "no voice", s_open with { SpeechFails = true }, CampaignActivity.Waiting, "speechUnavailable" },
        { "no list", s_open with { Contacts = Counts(), NextDue = null }, CampaignActivity.Idle, "noContacts" },
        { "all done", s_open with { Contacts = Counts(done: 3), NextDue = null }, CampaignActivity.Finished, "finished" },
        { "the last call runs", s_open with { Contacts = Counts(calling: 1, done: 3), NextDue = null }, CampaignActivity.Calling, "" },
        { "retries later", s_open with { NextDue = s_now.AddMinutes(30) }, CampaignActivity.Waiting, "nothingDue 07:30" },
        { "no trunk", With(s => s with { Trunks = [] }), CampaignActivity.Idle, "noLines" },
        { "a trunk that is not there", Trunk(new(Exists: false, 0, null, null)), CampaignActivity.Idle, "trunkMissing" },
        { "a trunk that rests", Trunk(new(true, 0, s_now.AddSeconds(20), null)), CampaignActivity.Waiting, "trunkDown 07:00" },
        { "a trunk that has rested", Trunk(new(true, 3, s_now, null)), CampaignActivity.Calling, "" },
        { "others have the lines", Trunk(new(true, 0, null, null)), CampaignActivity.Waiting, "trunkBusy" },
        { "we have the lines", Trunk(new(true, 0, null, null)) with { Contacts = Counts(waiting: 2, calling: 3) }, CampaignActivity.Calling, "" },
        { "no node", s_open with { NoNode = "none is connected" }, CampaignActivity.Waiting, "noNode" },
        {
            "everything at once, in the order of the gates",
            With(s => s with { Schedule = Window(11, 20) }) with
            {
                PlanProblems = ["Extension 999: no audio."], NextDue = s_now.AddHours(2), NoNode = "none is connected",
                Trunks = new Dictionary<string, LineAnswer> { ["main"] = new(true, 0, null, null) },
            },
            CampaignActivity.Idle, "outsideSchedule 08:00, dialPlan, nothingDue 09:00, trunkBusy, noNode"
        },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Every_gate_says_why_it_is_closed_and_until_when(string name, CampaignSituation situation, CampaignActivity state, string reasons)
    {
        var status = CampaignGates.Status(situation, s_now);
        Assert.Equal(
            (name, state, reasons),
            (name, status.State, string.Join(", ", status.Reasons.Select(r => r.Until is { } until ? $"{r.Code} {until.UtcDateTime:HH:mm}" : r.Code))));
        Assert.All(status.Reasons, r => Assert.NotEmpty(r.Detail));
    }

    private static CampaignSituation With(Func<CampaignSettings, CampaignSettings> change) => s_open with { Settings = change(s_open.Settings) };

    private static CampaignSituation Trunk(LineAnswer answer) => s_open with { Trunks = new Dictionary<string, LineAnswer> { ["main"] = answer } };

    private static IReadOnlyList<CallingWindow> Window(int from, int to) => [new([.. Enum.GetValues<Weekday>()], new TimeOnly(from, 0), new TimeOnly(to, 0))];

    private static ContactCounts Counts(long waiting = 0, long calling = 0, long done = 0) => new(waiting + calling + done, waiting, calling, done, 0, 0);
}
