using System.Text.Json;
using Dialer.Grains.Contacts;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Grains.Campaigns;

/// <summary>What a campaign's settings must satisfy by themselves, without looking at trunks or the dial plan.</summary>
public static class CampaignRules
{
    private const int MaximumRetries = 100;
    private const int MaximumLines = 10_000;
    private const int MaximumWindows = 100;
    private static readonly DateOnly LastDay = new(2999, 12, 31);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan ShortestRing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRing = TimeSpan.FromMinutes(5);

    /// <summary>When the campaign may call.</summary>
    public static CallingHours Hours(CampaignSettings settings) => new(settings.Schedule ?? [], settings.StartDate, settings.EndDate);

    /// <summary>How the campaign retries.</summary>
    public static RetryPolicy Retries(CampaignSettings settings) =>
        new(settings.Retries, settings.RetryInterval ?? CampaignSettings.DefaultRetryInterval, settings.RetryIntervals);

    /// <summary>Accepts the settings or throws.</summary>
    /// <exception cref="RefusedException">A setting is not acceptable; its JSON name is in <see cref="RefusedException.Field"/>.</exception>
    public static void Check(CampaignSettings settings)
    {
        Require(!string.IsNullOrWhiteSpace(settings.Name) && settings.Name.Length <= 200, "name", "A name is 1 to 200 characters.");
        Require(settings.Entry is not null, "entry", "Name the extension that an answered call begins at: 999.");
        Keys.CheckExtension(settings.Entry!, "entry");
        CheckTrunks(settings.Trunks);
        CheckSchedule(settings.Schedule ?? []);
        CheckDates(settings);
        CheckDuration(settings.MinimumDuration, TimeSpan.Zero, Day, "minimumDuration");
        Require(settings.Retries is >= 0 and <= MaximumRetries, "retries", $"Retries are 0 to {MaximumRetries}.");
        CheckDuration(settings.RetryInterval ?? CampaignSettings.DefaultRetryInterval, TimeSpan.Zero, Day, "retryInterval");
        CheckDuration(settings.RingTimeout ?? CampaignSettings.DefaultRingTimeout, ShortestRing, LongestRing, "ringTimeout");
        CheckRetryIntervals(settings);
        Require(settings.CallerId is null || IsCallerId(settings.CallerId), "callerId",
            "A caller id is 1 to 32 digits with an optional leading +: 74950000000. Leave it null to show the trunk's.");
    }

    private static void CheckTrunks(IReadOnlyList<TrunkShare>? trunks)
    {
        Require(trunks is not null, "trunks", "List the trunks that the campaign may use: [{\"trunk\":\"main\",\"lines\":3}].");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < trunks!.Count; i++)
        {
            var share = trunks[i];
            Require(share?.Trunk is not null, $"trunks[{i}].trunk", "Name the trunk.");
            Keys.CheckId(share!.Trunk, $"trunks[{i}].trunk");
            Require(seen.Add(share.Trunk), $"trunks[{i}].trunk", $"Trunk '{share.Trunk}' is listed twice. Add its lines together in one entry.");
            Require(share.Lines is >= 1 and <= MaximumLines, $"trunks[{i}].lines", $"Lines are 1 to {MaximumLines}. To use none, leave the trunk out.");
        }
    }

    private static void CheckSchedule(IReadOnlyList<CallingWindow> schedule)
    {
        Require(schedule.Count <= MaximumWindows, "schedule", $"A schedule has at most {MaximumWindows} windows.");
        for (var i = 0; i < schedule.Count; i++)
        {
            var days = schedule[i]?.Days;
            Require(days is { Count: > 0 } && days.All(Enum.IsDefined), $"schedule[{i}].days",
                "Name at least one day: mon, tue, wed, thu, fri, sat, sun.");
            Require(days!.Distinct().Count() == days!.Count, $"schedule[{i}].days", "A day is named twice. Name each day once.");
        }
    }

    private static void CheckDates(CampaignSettings settings)
    {
        Require(!(settings.StartDate > LastDay), "startDate", "The first day of calls lies in 2999 at the latest.");
        Require(!(settings.EndDate > LastDay), "endDate", "The last day of calls lies in 2999 at the latest. Leave it null for no end.");
        Require(!(settings.EndDate < settings.StartDate), "endDate", "The last day of calls lies before the first. Choose the same day or a later one.");
    }

    private static void CheckRetryIntervals(CampaignSettings settings)
    {
        foreach (var (verdict, interval) in settings.RetryIntervals ?? new Dictionary<Interfaces.Calls.Verdict, TimeSpan>())
        {
            var field = $"retryIntervals.{JsonNamingPolicy.CamelCase.ConvertName(verdict.ToString())}";
            Require(RetryRule.UsesUpRetry(verdict), field,
                "Only noAnswer, busy, rejected, tooShort, machine and invalidNumber use up a retry and can have an interval of their own.");
            CheckDuration(interval, TimeSpan.Zero, Day, field);
        }
    }

    private static void CheckDuration(TimeSpan value, TimeSpan least, TimeSpan most, string field) =>
        Require(value >= least && value <= most, field, $"The duration is {least:c} to {(most == Day ? "24:00:00" : most.ToString("c"))}.");

    private static bool IsCallerId(string value)
    {
        var digits = value.AsSpan(value.StartsWith('+') ? 1 : 0);
        return digits.Length is >= 1 and <= 32 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static void Require(bool holds, string field, string message)
    {
        if (!holds)
        {
            throw RefusedException.Invalid(field, message);
        }
    }
}
