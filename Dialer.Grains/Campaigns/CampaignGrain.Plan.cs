using Dialer.Grains.Calls;
using Dialer.Grains.Contacts;
using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;

namespace Dialer.Grains.Campaigns;

/// <summary>What calls are made with: the tenant's dial plan as it is now, and the campaign's own settings.</summary>
public sealed partial class CampaignGrain
{
    // Lost with the activation.
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private CallTerms? _terms;
    private CallScript? _script;
    private IReadOnlyList<string> _planProblems = [];
    private bool _planSpeaks;

    public async Task PlanChanged()
    {
        if (Settings is null)
            return;
        await ReadPlan();
        await LookAround();
    }

    public Task<CallTerms?> Terms() => Task.FromResult(_terms);

    public Task<CallScript?> Script() => Task.FromResult(_script);

    // What was spoken before could still be played; but whose words were, only a call would tell.
    private bool SpeechFails => _planSpeaks && speech.IsFailing;

    private async Task ReadPlan()
    {
        var (tenant, _) = Keys.Split(Key);
        var plan = GrainFactory.GetGrain<IDialPlanGrain>(tenant);
        var snapshot = await plan.Snapshot();
        var problems = await plan.Problems();
        var zone = TimeZoneInfo.FindSystemTimeZoneById((await GrainFactory.GetGrain<ITenantGrain>(tenant).Get())?.TimeZone ?? "UTC");
        // Asked twice at once, the older answer may come last. Nothing of it is taken before all of it is here.
        if (Settings is null || _script?.Plan.Version > snapshot.Version)
            return;
        _zone = zone;
        var reachable = DialPlanRules.Reachable(snapshot.Extensions, Settings.Entry).ToHashSet();
        _planProblems = snapshot.Extensions.ContainsKey(Settings.Entry)
            ? [.. problems.Where(p => p.Blocks && reachable.Contains(p.Extension)).Select(p => $"Extension {p.Extension}: {p.Message}")]
            : [$"The extension '{Settings.Entry}', where the campaign begins, does not exist."];
        _planSpeaks = reachable.Any(number => snapshot.Extensions.GetValueOrDefault(number) is SayText);
        MakeTerms(snapshot);
        _changed = true;
    }

    // Whoever tells of a change, or answers what it is, may die meanwhile.
    private async Task LookForPlan()
    {
        try
        {
            if (await GrainFactory.GetGrain<IDialPlanGrain>(Keys.Split(Key).Tenant).Version() != _script?.Plan.Version)
                await ReadPlan();
        }
        // Also one of an older version, in the course of an upgrade, which does not know the question.
        catch (Exception e)
        {
            LogPump(Key, e.Message);
        }
    }

    /// <param name="plan">Null where it has not changed.</param>
    private void MakeTerms(DialPlanSnapshot? plan = null)
    {
        var settings = Settings!;
        _terms = new CallTerms(
            settings.MinimumDuration, settings.Retries, settings.RetryInterval ?? CampaignSettings.DefaultRetryInterval, settings.RetryIntervals,
            settings.Schedule ?? [], settings.StartDate, settings.EndDate, _zone.Id);
        if ((plan ?? _script?.Plan) is { } spoken)
            _script = new CallScript(spoken, settings.Entry, settings.RingTimeout ?? CampaignSettings.DefaultRingTimeout, settings.CallerId);
    }
}
