using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.State;
using Dialer.Grains.Tenants;

namespace Dialer.Grains.DialPlans;

/// <summary>What is kept of a dial plan.</summary>
[GenerateSerializer, Alias("Dialer.DialPlanState")]
public sealed record DialPlanState
{
    [Id(0)] public long Version { get; init; }
    [Id(1)] public Dictionary<string, Extension> Extensions { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The extensions of a tenant. Key: the tenant's id. A change is checked as a whole and refused as a whole; running calls keep the
/// snapshot they began with. Everything here survives a crash. Queries interleave: a campaign that wakes reads the plan while a command
/// of this grain waits for that very campaign.
/// </summary>
public sealed class DialPlanGrain([PersistentState("dialplan")] IPersistentState<DialPlanState> store) : Grain, IDialPlanGrain
{
    private const int MostExtensions = 1000;

    // Lost with the activation.
    private readonly StoredState<DialPlanState> _stored = new(store);

    private string Tenant => this.GetPrimaryKeyString();

    public async Task<Extension> Put(string number, Extension extension)
    {
        Keys.CheckExtension(number, "number");
        var plan = new Dictionary<string, Extension>(_stored.State.Extensions, StringComparer.Ordinal) { [number] = extension };
        await Change(plan, number);
        return extension;
    }

    public Task PutAll(IReadOnlyDictionary<string, Extension> extensions)
    {
        foreach (var number in extensions.Keys)
            Keys.CheckExtension(number, number);
        return Change(new Dictionary<string, Extension>(extensions, StringComparer.Ordinal), null);
    }

    public async Task Delete(string number)
    {
        var plan = new Dictionary<string, Extension>(_stored.State.Extensions, StringComparer.Ordinal);
        if (!plan.Remove(number))
            throw RefusedException.NotFound($"There is no extension '{number}'.");
        var users = plan.Where(e => e.Value.GoTo == number).Select(e => e.Key).ToList();
        if (users.Count > 0)
            throw RefusedException.Conflict($"The extension {number} is where {string.Join(", ", users)} goes to. Change that first.");
        foreach (var campaign in await GrainFactory.GetGrain<ITenantGrain>(Tenant).Campaigns())
            if ((await GrainFactory.GetGrain<ICampaignGrain>(Keys.Of(Tenant, campaign)).Get())?.Entry == number)
                throw RefusedException.Conflict($"The campaign '{campaign}' begins at the extension {number}.");
        await Store(plan);
    }

    public Task Refresh() => TellCampaigns();

    public Task<IReadOnlyDictionary<string, Extension>> List() =>
        Task.FromResult<IReadOnlyDictionary<string, Extension>>(new Dictionary<string, Extension>(_stored.State.Extensions));

    public async Task<IReadOnlyList<DialPlanProblem>> Problems() => await Check(_stored.State.Extensions);

    public async Task<DialPlanSnapshot> Snapshot()
    {
        var plan = _stored.State;
        var speech = await GrainFactory.GetGrain<ITenantParts>(Tenant).Speech();
        return new DialPlanSnapshot(
            plan.Version + speech.Revision, speech.Culture, new Dictionary<string, Extension>(plan.Extensions), speech.Clips);
    }

    public async Task<long> Version()
    {
        var version = _stored.State.Version;
        return version + await GrainFactory.GetGrain<ITenantParts>(Tenant).Revision();
    }

    public Task<IReadOnlyDictionary<string, SayType>> SpokenVariables(string entry) =>
        Task.FromResult(DialPlanRules.SpokenVariables(_stored.State.Extensions, entry));

    private async Task Change(Dictionary<string, Extension> plan, string? number)
    {
        if (await GrainFactory.GetGrain<ITenantGrain>(Tenant).Get() is null)
            throw RefusedException.NotFound($"There is no tenant '{Tenant}'.");
        if (plan.Count > MostExtensions)
            throw RefusedException.Invalid("number", $"A dial plan has at most {MostExtensions} extensions.");
        var known = plan.Count == 0 ? [] : await Check(_stored.State.Extensions);
        // What was wrong before does not stop a change elsewhere; what this change makes wrong does.
        var problem = (await Check(plan)).FirstOrDefault(p => p.Blocks && (p.Extension == number || !known.Contains(p)));
        if (problem is not null)
            throw RefusedException.Invalid(problem.Field, $"Extension {problem.Extension}: {problem.Message}");
        await Store(plan);
    }

    private async Task Store(Dictionary<string, Extension> plan)
    {
        await _stored.SetAsync(new DialPlanState { Version = _stored.State.Version + 1, Extensions = plan });
        await TellCampaigns();
    }

    private async Task<IReadOnlyList<DialPlanProblem>> Check(Dictionary<string, Extension> plan)
    {
        var tenant = GrainFactory.GetGrain<ITenantGrain>(Tenant);
        var audio = await tenant.Audio();
        var operators = await GrainFactory.GetGrain<ITenantParts>(Tenant).OperatorIds();
        var trunks = await tenant.Trunks();
        return DialPlanRules.Check(
            plan, audio.Select(a => a.Id).ToHashSet(), operators.ToHashSet(), trunks.ToHashSet());
    }

    private async Task TellCampaigns()
    {
        foreach (var campaign in await GrainFactory.GetGrain<ITenantGrain>(Tenant).Campaigns())
            await GrainFactory.GetGrain<ICampaignLines>(Keys.Of(Tenant, campaign)).PlanChanged();
    }
}
