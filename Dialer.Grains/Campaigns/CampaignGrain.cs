using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Nodes;
using Dialer.Grains.Reports;
using Dialer.Grains.State;
using Dialer.Grains.Trunks;
using Dialer.Storage.Campaigns;
using Dialer.Storage.Contacts;
using Dialer.Storage.Database;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.Utilities;

namespace Dialer.Grains.Campaigns;

/// <summary>
/// A campaign: settings, life cycle, figures, what its calls are made with (CampaignGrain.Plan.cs), and the pump (CampaignGrain.Pump.cs)
/// that turns due contacts and free lines into attempts.
/// Key: <c>tenant/campaign</c>. Settings survive a crash; claims that never became an attempt fall back to due when the next
/// activation takes its epoch; a reminder and the silos' wake-up bring a running campaign back.
/// Reentrant: lines are granted and calls end while it waits for a trunk or the database. What the turns share is changed only between
/// awaits: the buffer gives each claimed contact to one taker, and commands that store settings go one after the other.
/// </summary>
[Reentrant, AtHomePlacement]
public sealed partial class CampaignGrain(
    [PersistentState("campaign")] IPersistentState<CampaignState> store,
    CampaignTable campaigns, ContactStore contacts, Owners owners, AsteriskNodes nodes, CallSpeech speech, CampaignHomes homes,
    ILocalSiloDetails silo, LiveFigures figures, IGrainFactory grains, TimeProvider time, ILogger<CampaignGrain> logger)
    : Grain, ICampaignGrain, ICampaignLines, IRemindable, IGrainMigrationParticipant
{
    private const string Watchdog = "running";
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(5);

    private readonly StoredState<CampaignState> _stored = new(store);

    // Lost with the activation.
    private readonly ObserverManager<ICampaignObserver> _observers = new(CampaignObservation.Expiry, logger);
    private int _number;
    private long _epoch;
    private bool _changed;
    private Task _lastCommand = Task.CompletedTask;
    private bool _hasMoved;
    private bool _revises;

    private string Key => this.GetPrimaryKeyString();

    private CampaignSettings? Settings => _stored.State.Settings;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        figures.Show(Figure.CampaignBuffer, Key, () => _buffer.Count);
        // What it brought along may be a change that was on its way, and failed.
        if (_hasMoved)
            await _stored.ReadAsync();
        if (Settings is null)
            return;
        await Own(cancellationToken);
        // A silo may have died between the two writes of a start or pause.
        await Note(Settings.Enabled);
        await ReadPlan();
        StartTicking();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        figures.Hide(Figure.CampaignBuffer, Key);
        // Contacts that were taken out of the buffer are about to be called: what is begun is ended, or the next owner counts it as lost.
        await Task.WhenAll(_runs).WaitAsync(LastCalls, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _gone = true;
        if (_epoch > 0)
            await GiveBack(cancellationToken);
    }

    // ---- Commands ----

    public Task<CampaignSettings> Put(CampaignSettings settings) => OneAtATime(async () =>
    {
        var (tenant, id) = Keys.Split(Key);
        Keys.CheckId(id, "id");
        CampaignRules.Check(settings);
        if (await GrainFactory.GetGrain<ITenantGrain>(tenant).Get() is null)
            throw RefusedException.NotFound($"There is no tenant '{tenant}'.");
        if (!(await GrainFactory.GetGrain<IDialPlanGrain>(tenant).List()).ContainsKey(settings.Entry))
            throw RefusedException.Invalid("entry", $"The extension '{settings.Entry}' does not exist; create it first.");
        await GrainFactory.GetGrain<ITenantGrain>(tenant).Register(TenantPart.Campaign, id, exists: true);
        var isNew = Settings is null;
        var given = (Settings?.Trunks ?? []).Where(share => settings.Trunks.All(kept => kept.Trunk != share.Trunk)).ToList();
        var hoursChanged = Settings is { } before && (before.Schedule, before.StartDate, before.EndDate) != (settings.Schedule, settings.StartDate, settings.EndDate);
        await Store(settings, hoursChanged);
        if (isNew)
            await Own(CancellationToken.None);
        Revise().Ignore();
        await ReadPlan();
        await LookAround();
        // Or it would go on offering each line that is free to a campaign that wants none, and others would wait for their starts.
        foreach (var share in given)
            await WantNothingOf(TrunkKey(share));
        return settings;
    });

    public Task Start() => Switch(on: true);

    public Task Pause() => Switch(on: false);

    public Task Delete() => OneAtATime(async () =>
    {
        var (tenant, id) = Keys.Split(Key);
        // An earlier deletion may have ended before its last write: the tenant would keep it for ever, and can't be deleted with it.
        if (Settings is null)
            await GrainFactory.GetGrain<ITenantGrain>(tenant).Register(TenantPart.Campaign, id, exists: false);
        Exists();
        if (Settings!.Enabled)
            throw RefusedException.Conflict("The campaign is enabled. Pause it first.");
        if ((await campaigns.StatsAsync(_number, CancellationToken.None)).Contacts.Calling is > 0 and var calling)
            throw RefusedException.Conflict($"{calling} calls of the campaign are still running. They end by themselves; try again then.");
        await Remove();
        (_number, _epoch) = (0, 0);
        await GrainFactory.GetGrain<ITenantGrain>(tenant).Register(TenantPart.Campaign, id, exists: false);
        DeactivateOnIdle();
        return true;
    });

    public Task ContactsChanged()
    {
        _nextDue = DateTimeOffset.MinValue;
        return Wake();
    }

    public async Task Wake()
    {
        if (Settings is not { Enabled: true })
            await LeaveAlone();
        if (Settings is not null)
            await LookAround();
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        await Wake();
        if (Settings is not { Enabled: true })
            await OneAtATime(Unwatch);
    }

    /// <inheritdoc/>
    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        // Nothing is carried but what Orleans carries of the state.
    }

    /// <inheritdoc/>
    public void OnRehydrate(IRehydrationContext rehydrationContext) => _hasMoved = true;

    public async Task Subscribe(ICampaignObserver observer)
    {
        Exists();
        _observers.Subscribe(observer, observer);
        await observer.Changed(Key, await Stats(), await Status());
    }

    public Task Unsubscribe(ICampaignObserver observer)
    {
        _observers.Unsubscribe(observer);
        return Task.CompletedTask;
    }

    // ---- Queries ----

    public Task<CampaignSettings?> Get() => Task.FromResult(Settings);

    public Task<int> Number()
    {
        Exists();
        return Task.FromResult(_number);
    }

    public async Task<CampaignStats> Stats()
    {
        Exists();
        var stats = await campaigns.StatsAsync(_number, CancellationToken.None);
        return stats with { Lines = new LineCounts((int)stats.Contacts.Calling, Settings!.Trunks.Sum(t => t.Lines)) };
    }

    public async Task<CampaignStatus> Status()
    {
        Exists();
        try
        {
            var stats = await campaigns.StatsAsync(_number, CancellationToken.None);
            var trunks = new Dictionary<string, LineAnswer>();
            foreach (var share in Settings!.Trunks)
                trunks[share.Trunk] = await GrainFactory.GetGrain<ITrunkLines>(TrunkKey(share)).Look();
            var noNode = nodes.WhyNone();
            return CampaignGates.Status(
                new CampaignSituation
                {
                    Settings = Settings,
                    Zone = _zone,
                    Contacts = stats.Contacts,
                    // Who is claimed waits for nothing but a line.
                    NextDue = _buffer.Count > 0 ? time.GetUtcNow() : await contacts.NextDueAsync(_number, CancellationToken.None),
                    PlanProblems = _planProblems,
                    SpeechFails = SpeechFails,
                    Trunks = trunks,
                    NoNode = noNode,
                },
                time.GetUtcNow());
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogDatabase(Key, e.Message);
            return new CampaignStatus(CampaignActivity.Waiting, [new StatusReason("databaseUnavailable", "The database does not answer; calls wait for it.")]);
        }
    }

    // ---- Private ----

    private void Exists()
    {
        if (Settings is null)
            throw RefusedException.NotFound($"There is no campaign '{Keys.Split(Key).Id}'.");
    }

    private async Task<T> OneAtATime<T>(Func<Task<T>> command)
    {
        var before = _lastCommand;
        var done = new TaskCompletionSource();
        _lastCommand = done.Task;
        await before;
        try
        {
            return await command();
        }
        finally
        {
            done.SetResult();
        }
    }

    private Task Switch(bool on) => OneAtATime(async () =>
    {
        Exists();
        // Also where it is so already: what was said last may not have been stored to its end.
        await Store(Settings! with { Enabled = on });
        await LookAround();
        return true;
    });

    private async Task Store(CampaignSettings settings, bool hoursChanged = false)
    {
        var (tenant, id) = Keys.Split(Key);
        if (_number == 0)
            _number = await campaigns.NumberAsync(tenant, id, CancellationToken.None);
        // Before it is enabled, and after it is not: whose silo dies in between is woken, and looks what is so.
        if (settings.Enabled)
        {
            await Note(enabled: true);
            await this.RegisterOrUpdateReminder(Watchdog, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        }

        await _stored.SetAsync(new CampaignState { Settings = settings, MustRevise = _stored.State.MustRevise || hoursChanged });
        MakeTerms();
        StartTicking();
        _changed = true;
        if (!settings.Enabled)
        {
            await Note(enabled: false);
            await Unwatch();
        }
    }

    // For those who wake campaigns.
    private Task Note(bool enabled)
    {
        var (tenant, id) = Keys.Split(Key);
        return campaigns.SetEnabledAsync(tenant, id, enabled, CancellationToken.None);
    }

    // Noted among those to be woken, and not enabled, or not even there: a start that failed, or a silo that died in it.
    private Task LeaveAlone() => OneAtATime(async () =>
    {
        if (Settings is not { Enabled: true })
            await Note(enabled: false);
        return true;
    });

    private async Task Remove()
    {
        CampaignRemoval removal;
        try
        {
            removal = await campaigns.DeleteAsync(_number, CancellationToken.None);
            if (removal == CampaignRemoval.Done)
                await _stored.ClearAsync();
        }
        catch
        {
            // Its rows may be gone, and whoever goes on with the campaign needs another number.
            DeactivateOnIdle();
            throw;
        }

        if (removal == CampaignRemoval.HasCall)
            throw RefusedException.Conflict("A call of the campaign has just begun. It ends by itself; try again then.");
        if (removal == CampaignRemoval.TakesList)
            throw RefusedException.Conflict("A list is being put in force in the campaign. Try again when that is done.");
    }

    private async Task<bool> Unwatch()
    {
        if (Settings is not { Enabled: true } && await this.GetReminder(Watchdog) is { } reminder)
            await this.UnregisterReminder(reminder);
        return true;
    }

    // Beside what else happens: of a long list it takes minutes. Whatever cuts it short, the tick begins it again.
    private async Task Revise()
    {
        if (_revises || !_stored.State.MustRevise)
            return;
        _revises = true;
        try
        {
            var settings = Settings;
            await contacts.ReviseAsync(_number, time.GetUtcNow(), CancellationToken.None);
            _nextDue = DateTimeOffset.MinValue;
            await OneAtATime(async () =>
            {
                // Who has changed them once more meanwhile has it done again.
                if (Settings == settings)
                    await _stored.SetAsync(_stored.State with { MustRevise = false });
                return true;
            });
        }
        catch (Exception e)
        {
            LogNotRevised(Key, e.Message);
        }
        finally
        {
            _revises = false;
        }
    }

    private async Task Own(CancellationToken cancellationToken)
    {
        var (tenant, id) = Keys.Split(Key);
        _number = await campaigns.NumberAsync(tenant, id, cancellationToken);
        var epoch = await owners.TakeAsync(Owners.Campaign, Key, RuntimeIdentity, time.GetUtcNow(), cancellationToken);
        await Recover(epoch, cancellationToken);
        _epoch = epoch;
    }

    private async Task Recover(long epoch, CancellationToken cancellationToken)
    {
        if (await contacts.RecoverAsync(_number, epoch, cancellationToken) is > 0 and var recovered)
            LogRecovered(Key, recovered);
    }

    // Like any other end of an activation: claims are given back, and the next one takes the next epoch. Calls that run stay where they are.
    private void MoveTo(SiloAddress home)
    {
        LogMoves(Key, home);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, home);
        MigrateOnIdle();
    }

    private string TrunkKey(TrunkShare share) => Keys.Of(Keys.Split(Key).Tenant, share.Trunk);

    private async Task Publish()
    {
        _observers.ClearExpired();
        if (!_changed || _observers.Count == 0)
            return;
        _changed = false;
        var (stats, status) = (await Stats(), await Status());
        await _observers.Notify(o => o.Changed(Key, stats, status));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Campaign {Campaign}: {Count} claims of a lost owner are due again")]
    private partial void LogRecovered(string campaign, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Campaign {Campaign} moves to silo {Silo}, where it is at home")]
    private partial void LogMoves(string campaign, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Campaign {Campaign}: its contacts are asked anew after the change of hours, later: {Reason}")]
    private partial void LogNotRevised(string campaign, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Campaign {Campaign}: the database does not answer: {Reason}")]
    private partial void LogDatabase(string campaign, string reason);
}
