using Dialer.Grains.Calls;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Dialer.Grains.State;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Dialer.Grains.Trunks;

/// <summary>What is kept of a trunk.</summary>
[GenerateSerializer, Alias("Dialer.TrunkState")]
public sealed record TrunkState
{
    [Id(0)] public TrunkSettings? Settings { get; init; }

    /// <summary>Nodes may not know these settings, or that there are none: whoever stored them may have died before they were told.</summary>
    [Id(1)] public bool Untold { get; init; }
}

/// <summary>
/// A trunk: settings, of which nodes are told (TrunkGrain.Telling.cs), and its lines as permits. Key: <c>tenant/trunk</c>. Campaigns ask for lines, contacts give them back. The
/// settings survive a crash; permits are counted again, from the attempts without an end, before any is granted. A permit that was
/// granted by an activation that is gone is worthless: its epoch no longer fits, and the attempt is not written.
/// </summary>
[PreferLocalPlacement]
public sealed partial class TrunkGrain(
    [PersistentState("trunk")] IPersistentState<TrunkState> store,
    Owners owners, OpenAttempts open, AsteriskNodes nodes, ILocalSiloDetails silo, LiveFigures figures, TimeProvider time, ILogger<TrunkGrain> logger)
    : Grain, ITrunkGrain, ITrunkLines, IGrainMigrationParticipant
{
    // A permit this old without an attempt belongs to a campaign that died between grant and write.
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(10);

    /// <summary>In the log where a trunk finds such lines; chaos programs count how often.</summary>
    public const string LostLines = "lines are in use that no call has any more";

    // Of those, so many are named: after a dead silo they may be hundreds.
    private const int Named = 10;

    // Until it has counted it grants nothing: a database that is back must not wait for the next sweep, and perhaps be away again by then.
    private static readonly TimeSpan CountAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WithoutNode = TimeSpan.FromMilliseconds(500);

    // Lost with the activation.
    private readonly StoredState<TrunkState> _stored = new(store);
    private readonly TrunkLines _lines = new();
    private readonly TrunkPause _pause = new();
    private StartRate _rate = new(1);
    private int _lineCount;
    private IGrainTimer? _nextStart;
    private string? _problem;
    private readonly GatewayReach _reach = new();
    private HashSet<string> _missing = [];
    private readonly Dictionary<string, long> _owners = new(StringComparer.Ordinal);
    private long _epoch;
    private bool _hasMoved;
    private SiloAddress? _company;

    private string Key => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // It moves within milliseconds: what was started there in this second counts.
        ApplySettings(_hasMoved ? time.GetUtcNow() : null);
        await Count(cancellationToken);
        this.RegisterGrainTimer(token => AskDatabase(SweepStale, token), new GrainTimerCreationOptions(Sweep, Sweep));
        this.RegisterGrainTimer(TellNodesAgain, new GrainTimerCreationOptions(Sweep, Sweep));
        this.RegisterGrainTimer(token => _epoch > 0 ? Task.CompletedTask : AskDatabase(Count, token), new GrainTimerCreationOptions(CountAgain, CountAgain));
        figures.Show(Figure.TrunkLines, Key, () => _lineCount);
        figures.Show(Figure.TrunkLinesInUse, Key, () => _lines.InUse);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        figures.Hide(Figure.TrunkLines, Key);
        figures.Hide(Figure.TrunkLinesInUse, Key);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        // Permits are counted again, and campaigns ask again: nothing is carried.
    }

    /// <inheritdoc/>
    public void OnRehydrate(IRehydrationContext rehydrationContext) => _hasMoved = true;

    public async Task<TrunkSettings> Put(TrunkSettings settings)
    {
        var (tenant, id) = Keys.Split(Key);
        Keys.CheckId(id, "id");
        if (await GrainFactory.GetGrain<ITenantGrain>(tenant).Get() is null)
            throw RefusedException.NotFound($"There is no tenant '{tenant}'.");
        TrunkRules.Check(settings);
        if (settings.Password is null && settings.Username is not null && settings.Username == _stored.State.Settings?.Username)
            settings = settings with { Password = _stored.State.Settings.Password };
        if (settings.Register && (settings.Username is null || settings.Password is null))
            throw RefusedException.Invalid("register", "To register with a gateway, give its username and password.");
        // Registered with the tenant first: a trunk that nobody lists could never be found again.
        await GrainFactory.GetGrain<ITenantGrain>(tenant).Register(TenantPart.Trunk, id, exists: true);
        var wasThere = _stored.State.Settings is not null;
        await Store(settings);
        // Calls have started in this second, and the new rate knows nothing of them.
        ApplySettings(wasThere ? time.GetUtcNow() : null);
        _pause.Clear();
        _reach.Forget();
        await TellNodes();
        GrantFree();
        foreach (var campaign in await GrainFactory.GetGrain<ITenantGrain>(tenant).Campaigns())
            await GrainFactory.GetGrain<ICampaignLines>(Keys.Of(tenant, campaign)).Wake();
        return settings with { Password = null };
    }

    public async Task Delete()
    {
        var (tenant, id) = Keys.Split(Key);
        if (_stored.State.Settings is null)
        {
            // An earlier deletion may have ended half-way: the tenant would keep it for ever, and can't be deleted with it.
            await Forget();
            throw RefusedException.NotFound($"There is no trunk '{id}'.");
        }

        foreach (var campaign in await GrainFactory.GetGrain<ITenantGrain>(tenant).Campaigns())
            if ((await GrainFactory.GetGrain<ICampaignGrain>(Keys.Of(tenant, campaign)).Get())?.Trunks.Any(t => t.Trunk == id) == true)
                throw RefusedException.Conflict($"The campaign '{campaign}' uses the trunk '{id}'.");
        var queues = (await GrainFactory.GetGrain<IDialPlanGrain>(tenant).List())
            .Where(e => e.Value is OperatorQueue q && q.Members.Any(m => m.Trunk == id)).Select(e => e.Key).ToList();
        if (queues.Count > 0)
            throw RefusedException.Conflict($"The queue {string.Join(", ", queues)} rings a number through the trunk '{id}'.");
        if (_lines.InUse > 0)
            throw RefusedException.Conflict($"{_lines.InUse} calls are running on the trunk '{id}'.");
        await Store(null);
        await Forget();
    }

    public async Task Request(LineRequest request)
    {
        // Lines may be on their way to an owner before it, which is gone: only those that became calls are taken.
        var isNewOwner = request.Epoch > _owners.GetValueOrDefault(request.CampaignKey) && _lines.ByCampaign.ContainsKey(request.CampaignKey);
        if (request.Epoch > 0)
            _owners[request.CampaignKey] = request.Epoch;
        _lines.Request(request);
        if (isNewOwner)
            await AskDatabase(Count, CancellationToken.None);
        else
            GrantFree();
    }

    public Task RequestOperatorLine(string legId, string callKey)
    {
        _lines.RequestForOperator(legId, callKey);
        GrantFree();
        return Task.CompletedTask;
    }

    public Task Release(string id, LineReturn how)
    {
        if (how != LineReturn.Unused)
            _pause.Note(how, time.GetUtcNow());
        _problem = how switch
        {
            LineReturn.Carried => null,
            LineReturn.GatewayDown => "the gateway did not take the last call",
            LineReturn.LoginRefused => "the gateway refused the login; check the trunk's username and password",
            LineReturn.Congested => "the carrier had no circuit for the last call",
            _ => _problem,
        };
        if (_lines.Release(id))
            GrantFree();
        return Task.CompletedTask;
    }

    public Task Recount(long fencedEpoch) => fencedEpoch == _epoch ? Count(CancellationToken.None) : Task.CompletedTask;

    public Task<TrunkSettings?> Get() => Task.FromResult(_stored.State.Settings is { } s ? s with { Password = null } : null);

    public Task<LineAnswer> Look() => Task.FromResult(new LineAnswer(
        _stored.State.Settings is not null, Math.Max(0, (_stored.State.Settings?.Lines ?? 0) - _lines.InUse), PausedUntil, _problem));

    public Task<TrunkSpec?> Spec() => Task.FromResult(_stored.State.Settings is { } s ? new TrunkSpec(Key, s) : null);

    public Task<TrunkStatus> Status()
    {
        var tenantPrefix = Keys.Split(Key).Tenant.Length + 1;
        return Task.FromResult(new TrunkStatus(
            _stored.State.Settings?.Lines ?? 0, _lines.InUse, _lines.OperatorLines,
            _lines.ByCampaign.ToDictionary(c => c.Key[tenantPrefix..], c => c.Value),
            _pause.IsDown || IsSilent ? TrunkHealth.Down : _problem is null && _epoch > 0 ? TrunkHealth.Up : TrunkHealth.Unknown,
            _problem ?? (_reach.Silent is { } silent ? $"the gateway does not answer from {string.Join(", ", silent)}" : null), PausedUntil));
    }

    public Task Reported(string node, bool reachable)
    {
        var wasSilent = IsSilent;
        if (!_reach.Note(node, reachable) || IsSilent == wasSilent)
            return Task.CompletedTask;
        _problem = wasSilent ? null : "the gateway does not answer";
        if (wasSilent)
        {
            _pause.Clear();
            GrantFree();
        }

        return Task.CompletedTask;
    }

    private async Task Forget()
    {
        var (tenant, id) = Keys.Split(Key);
        await GrainFactory.GetGrain<ITenantGrain>(tenant).Register(TenantPart.Trunk, id, exists: false);
        await TellNodes();
    }

    private bool IsSilent => _reach.IsDown(nodes.Known.Where(n => n.Connected).Select(n => n.Id));

    private DateTimeOffset? PausedUntil => _pause.Until is { } until && until > time.GetUtcNow() ? until : null;

    private async Task AskDatabase(Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        try
        {
            await ask(cancellationToken);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogDatabase(Key, e.Message);
        }

        GrantFree();
    }

    private async Task SweepStale(CancellationToken cancellationToken)
    {
        FollowCampaigns();
        var old = _lines.TakenBefore(time.GetUtcNow() - Stale).ToList();
        if (old.Count == 0)
            return;
        var written = await open.OfTrunkAsync(Key, cancellationToken);
        var missing = old.Where(id => !written.ContainsKey(id)).ToHashSet(StringComparer.Ordinal);
        // Seen twice: the release of a call that has just ended may still wait for its turn behind this sweep.
        var stale = missing.Where(_missing.Contains).ToList();
        _missing = missing;
        if (stale.Count == 0)
            return;
        LogStalePermits(Key, string.Join(", ", stale.Take(Named)));
        await Count(cancellationToken);
    }

    // Two messages to the trunk for each call: where all who use it are on another silo, it lives there, too. Seen twice: campaigns move.
    private void FollowCampaigns()
    {
        var (before, company) = (_company, _lines.AskedFrom);
        _company = company;
        // A trunk that rests, or knows of nodes that can't reach its gateway, would forget it.
        if (company is null || !company.Equals(before) || company.Equals(silo.SiloAddress) || _pause.IsDown || PausedUntil is not null || _reach.Silent is not null)
            return;
        LogMoves(Key, company);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, company);
        MigrateOnIdle();
    }

    private async Task Count(CancellationToken cancellationToken)
    {
        // Nothing is granted in between, nor after half a count.
        _epoch = 0;
        _epoch = await TrunkCount.TakeAsync(_lines, Key, RuntimeIdentity, owners, open, time.GetUtcNow(), cancellationToken);
    }

    /// <param name="usedUntil">Until when calls may have started that the rate is not told of.</param>
    private void ApplySettings(DateTimeOffset? usedUntil) =>
        (_rate, _lineCount) = (new StartRate(_stored.State.Settings?.CallsPerSecond ?? 1, usedUntil), _stored.State.Settings?.Lines ?? 0);

    private void GrantFree()
    {
        if (_stored.State.Settings is not { } settings || _epoch == 0)
            return;
        var now = time.GetUtcNow();
        // A campaign that finds no node gives its line back at once, and would be granted it again without end.
        if (_lines.AnyWanted && nodes.WhyNone(_reach.Silent) is not null)
        {
            WakeAt(now + WithoutNode, now);
            return;
        }

        Dictionary<string, List<Guid>>? grants = null;
        while (_lines.InUse < settings.Lines && _lines.AnyWanted)
        {
            if (PausedUntil is { } until)
            {
                WakeAt(until, now);
                break;
            }

            if (!_rate.TryTake(now))
            {
                WakeAt(_rate.NextAt(now), now);
                break;
            }

            if (_lines.GrantToOperator(settings.Lines, now) is { } leg)
                GrainFactory.GetGrain<ICallGrain>(leg.Call).OperatorLine(leg.Leg, Key, _epoch, settings.CallerId).Ignore();
            else if (_lines.GrantToCampaign(settings.Lines, now) is { } line)
                ((grants ??= [])[line.Campaign] = grants.GetValueOrDefault(line.Campaign) ?? []).Add(line.Permit);
            else
                break;
        }

        foreach (var (campaign, permits) in grants ?? [])
            GrainFactory.GetGrain<ICampaignLines>(campaign).Granted(new LineGrant(Key, _epoch, permits, settings.CallerId, _reach.Silent)).Ignore();
    }

    private void WakeAt(DateTimeOffset at, DateTimeOffset now)
    {
        var due = at > now ? at - now : TimeSpan.FromMilliseconds(1);
        if (_nextStart is null)
            _nextStart = this.RegisterGrainTimer(
                () =>
                {
                    GrantFree();
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        else
            _nextStart.Change(due, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Trunk {Trunk} moves to silo {Silo}, where its campaigns are")]
    private partial void LogMoves(string trunk, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Trunk {Trunk}: " + LostLines + ", or ever had; counting again: {Permits}")]
    private partial void LogStalePermits(string trunk, string permits);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Trunk {Trunk}: the database does not answer: {Reason}")]
    private partial void LogDatabase(string trunk, string reason);
}
