using Dialer.Ari;
using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.State;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;
using Dialer.Storage.Operators;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Dialer.Grains.Nodes;

/// <summary>What is kept of a node.</summary>
[GenerateSerializer, Alias("Dialer.NodeState")]
public sealed record NodeState
{
    [Id(0)] public bool Draining { get; init; }
}

/// <summary>
/// One Asterisk node: owns the one event socket to it. Key: the node's id in the configuration. Called by calls (requests), trunks and
/// tenants (what has changed) and watchdogs. A crash leaves its epoch and whether it is drained: whoever wakes next connects and reconciles.
/// Every method but the one that drains interleaves: requests go straight to the thread-safe connection, and other state changes only in
/// activation and timers.
/// </summary>
[KeepAlive, Immovable, PreferLocalPlacement]
public sealed partial class AsteriskNodeGrain(
    [PersistentState("node")] IPersistentState<NodeState> store,
    AsteriskNodes nodes, Owners owners, OpenAttempts open, SipUsers sipUsers, NodeReconciliation reconciliation,
    NodeHandover handover, SiloPulse pulse, ILocalSiloDetails silo, IClusterMembershipService members, IGrainFactory grains, TimeProvider time, ILoggerFactory loggers)
    : Grain, IAsteriskNodeGrain, IAsyncDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);

    // A call whose end nobody tells counts as listened to until it was last seen.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.5);

    // An order this old may have been overtaken by a second one, and that one's end.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(3);

    // A caller waits for an operator.
    private static readonly TimeSpan PhonePatience = TimeSpan.FromSeconds(1);

    // Lost with the activation.
    private readonly StoredState<NodeState> _stored = new(store);
    private readonly ILogger _logger = loggers.CreateLogger<AsteriskNodeGrain>();
    private NodeLink? _link;
    private NodeOwnership _ownership = null!;
    private SeenCalls _seen = null!;
    private readonly CallCount _calls = new();
    private readonly RecentOriginates _originates = new(time);
    private HashSet<SiloAddress> _silos = [];
    private bool _lostSilo;
    private bool _sweeps;

    private string Id => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (handover.IsStopping)
            throw new InvalidOperationException($"Node '{Id}' is not taken by a silo that stops.");
        var settings = nodes.Settings(Id)
            ?? throw new InvalidOperationException($"Node '{Id}' is not in the configuration of this silo (Dialer:Nodes).");
        _seen = new SeenCalls(await owners.LastSeenAsync(Owners.Node, Id, cancellationToken));
        _ownership = new NodeOwnership(Id, owners, time);
        await _ownership.TakeAsync(RuntimeIdentity, cancellationToken);
        _link = new NodeLink(settings, _seen, _calls, _ownership.IsOwnerAsync, reconciliation, grains, sipUsers, time, loggers);
        handover.Add(_link);
        this.RegisterGrainTimer(BeatAsync, new GrainTimerCreationOptions(Heartbeat, Heartbeat) { Interleave = true, KeepAlive = true });
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(Look, Look) { Interleave = true, KeepAlive = true });
        this.RegisterGrainTimer(SweepAsync, new GrainTimerCreationOptions(Sweep, Sweep) { Interleave = true, KeepAlive = true });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (reason.ReasonCode is DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.Migrating && _link is { } link)
        {
            // The next owner knows of the calls until now; from here on the socket is read by the handover.
            if (link.IsReady)
            {
                await LookAsync(cancellationToken);
                await BeatAsync(cancellationToken);
            }

            link.LetGo();
            _link = null;
            if (reason.ReasonCode == DeactivationReasonCode.Migrating)
                handover.PassOnAsync(link).Ignore();
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _link, null) is { } link)
            await handover.CloseAsync(link);
    }

    public async Task<NodeStatus> SetDraining(bool draining)
    {
        if (_stored.State.Draining != draining)
        {
            await _stored.SetAsync(new NodeState { Draining = draining });
            LogDraining(Id, draining);
        }

        // «Drained» must be true: a call that another silo has written and not yet placed counts, too.
        _calls.Counted(await open.CountOfNodeAsync(Id, CancellationToken.None));
        return Status;
    }

    public Task MoveTo(string silo)
    {
        if (silo == Here)
            return Task.CompletedTask;
        LogMoves(Id, silo);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(silo));
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task<NodeAnswer> Originate(OriginateOrder order) => _originates.OnceAsync(order.ChannelId, () => OriginateOnce(order));

    private async Task<NodeAnswer> OriginateOnce(OriginateOrder order)
    {
        var isAttempt = CallNames.IsAttempt(order.ChannelId);
        if (order.Again)
            // Until then the owner before may still place it, if it wakes.
            await _ownership.AloneAsync();
        else if (isAttempt)
            _calls.Began();
        var ari = await _link!.SoonToldAsync();
        // A silo that has slept has others' calls in its buffers, and a socket that Asterisk has not closed.
        if (!await MayAsync())
            return order.Again ? NodeAnswer.Unknown : NodeAnswer.NotSent;
        // The one before may have rung a phone that is on the hook again: the same call must not ring it a second time.
        if (order.Again)
            return (await ari.Channels.GetAsync(order.ChannelId)).Error switch
            {
                null => NodeAnswer.Done,
                { Kind: AriErrorKind.NotFound } => NodeAnswer.NotSent,
                _ => NodeAnswer.Unknown,
            };
        // Now, not when it came: it may have waited for the node, or for the owner before. And the question takes its time, too.
        if (time.GetUtcNow() - order.At > Late && !(await AskAsync(() => IsWantedAsync(order.ChannelId)) is true && await MayAsync()))
            return NodeAnswer.NotSent;
        var result = await ari.Channels.OriginateAsync(new Dialer.Ari.Requests.Originate
        {
            Endpoint = order.Endpoint,
            ChannelId = order.ChannelId,
            Context = _link!.AnsweredContext,
            CallerId = order.CallerId,
            Timeout = order.Timeout,
            Originator = order.Originator,
        });
        if (result.Error is not { Kind: AriErrorKind.Conflict })
            return Answered(result.Error);
        // «In use» says that this very originate was done before, or (Asterisk 22, after a real conflict) that an endpoint can't be made:
        // the channel itself tells which. One that is not there may also have ended; its last event or reconciliation tells.
        return (await ari.Channels.GetAsync(order.ChannelId)).IsSuccess ? NodeAnswer.Done : NodeAnswer.Unknown;

        Task<bool> MayAsync() => isAttempt ? IsOwnerAsync() : MayRingAsync();
    }

    public async Task<NodeAnswer> Play(string channel, string playback, IReadOnlyList<string> media)
    {
        var ari = await AriAsync();
        var result = await ari.Channels.PlayAsync(channel, playback, media);
        // The id is ours: a conflict with a playback of it says that a call whose grain was lost had begun it before.
        return result.Error is { Kind: AriErrorKind.Conflict } && (await ari.Playbacks.GetAsync(playback)).IsSuccess
            ? NodeAnswer.Done
            : Answered(result.Error);
    }

    public async Task<NodeAnswer> StopPlaying(string playback) => Answered((await (await AriAsync()).Playbacks.StopAsync(playback)).Error);

    public async Task<bool?> IsPlaying(string playback) => (await (await AriAsync()).Playbacks.GetAsync(playback)).Error switch
    {
        null => true,
        { Kind: AriErrorKind.NotFound } => false,
        _ => null,
    };

    public async Task<NodeAnswer> Hangup(string channel) => Answered((await (await AriAsync()).Channels.HangupAsync(channel)).Error);

    public async Task<NodeAnswer> HoldMusic(string channel, bool on)
    {
        var channels = (await AriAsync()).Channels;
        return Answered((on ? await channels.StartMohAsync(channel) : await channels.StopMohAsync(channel)).Error);
    }

    public async Task<NodeAnswer> Answer(string channel) => Answered((await (await AriAsync()).Channels.AnswerAsync(channel)).Error);

    public async Task<NodeAnswer> Connect(string bridge, IReadOnlyList<string> channels)
    {
        var bridges = (await AriAsync()).Bridges;
        var made = await bridges.CreateAsync(bridge);
        if (made.Error is { Kind: not AriErrorKind.Conflict })
            return Answered(made.Error);
        foreach (var channel in channels)
            if ((await bridges.AddChannelAsync(bridge, channel)).Error is { } error)
                return Answered(error);
        return NodeAnswer.Done;
    }

    public async Task<IReadOnlyList<string>?> InBridge(string bridge)
    {
        var found = await (await AriAsync()).Bridges.GetAsync(bridge);
        return found.Error is null or { Kind: AriErrorKind.NotFound } ? found.Value?.Channels ?? [] : null;
    }

    public async Task<NodeAnswer> Disconnect(string bridge)
    {
        var ari = await AriAsync();
        foreach (var channel in (await ari.Bridges.GetAsync(bridge)).Value?.Channels ?? [])
            await ari.Channels.HangupAsync(channel);
        return Answered((await ari.Bridges.DestroyAsync(bridge)).Error);
    }

    public Task TrunkChanged(string key) => _link?.ChangedAsync(PjsipObjects.TrunkName(key)) ?? Task.CompletedTask;

    public Task PhoneChanged(string sipUser) => _link?.ChangedAsync(sipUser) ?? Task.CompletedTask;

    public async Task<bool> IsRegistered(string sipUser) =>
        _link is { IsReady: true } link && (await link.Ari.Endpoints.GetAsync("PJSIP", sipUser)).Value?.State == "online";

    public async Task<NodeStatus> Ping()
    {
        // A line that has gone silent is noticed here seconds before its socket breaks, and takes no further calls.
        var isSilent = _link is { IsReady: true } link && !await Answers(link);
        return isSilent ? Status with { Connected = false, Problem = "Asterisk does not answer at the moment" } : Status;
    }

    private NodeStatus Status => new(Id, _link is { IsReady: true }, _link?.Version, _calls.Now, _link?.Problem, _stored.State.Draining, Here);

    private string Here { get; } = silo.SiloAddress.ToParsableString();

    private Task<AriConnection> AriAsync() => _link!.SoonAsync();

    private async Task<bool> Answers(NodeLink link)
    {
        using var patience = new CancellationTokenSource(Silence, time);
        try
        {
            return (await link.Ari.Asterisk.PingAsync(patience.Token)).IsSuccess;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // Calls of a silo that has died may hear nothing until they do something again, and what they were about to do died with it.
        var silos = members.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).ToHashSet();
        _lostSilo |= _silos.Except(silos).Any();
        _silos = silos;
        // Beside the looks: it may wait for calls that can't answer.
        if (_lostSilo || _link is { WantsSweep: true })
            SweepAsync(cancellationToken).Ignore();
        using var patience = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (_link is { } link)
                await link.LookAsync(either.Token);
        }
        // It does not answer: what calls do meanwhile nobody knows.
        catch (OperationCanceledException)
        {
        }
    }

    private static NodeAnswer Answered(AriError? error) => error switch
    {
        null => NodeAnswer.Done,
        { Kind: AriErrorKind.NotFound } => NodeAnswer.Gone,
        { NotSent: true } => NodeAnswer.NotSent,
        { OutcomeUnknown: true } => NodeAnswer.Unknown,
        _ => NodeAnswer.Refused,
    };

    /// <summary>Whether a call that was asked for a while ago is still to be placed. An operator's phone is not: others were asked meanwhile.</summary>
    private async Task<bool> IsWantedAsync(string channel) =>
        CallNames.IsAttempt(channel) && await open.ReadAsync(Guid.Parse(channel), null, CancellationToken.None) is not null;

    private async Task<bool> IsOwnerAsync() => await AskAsync(_ownership.IsSureAsync) is true;

    // Operators are rung while the database is away, too: it costs nobody a call. Who has slept does not know whose phones they are.
    private async Task<bool> MayRingAsync() =>
        await AskAsync(() => _ownership.IsSureAsync().WaitAsync(PhonePatience, time)) ?? await pulse.MayActAsync();

    /// <summary>Null where the database does not answer.</summary>
    private async Task<bool?> AskAsync(Func<Task<bool>> question)
    {
        try
        {
            return await question();
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogDatabase(Id, e.Message);
            return null;
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            _calls.Counted(await open.CountOfNodeAsync(Id, cancellationToken));
            // One that is not connected may have lost its place, too: then it will not be let in.
            var isOwner = _link is { IsReady: true } && _seen.AllAt(await open.AnsweredOfNodeAsync(Id, cancellationToken)) is { } seen
                ? await _ownership.SeenAsync(seen, cancellationToken)
                : await _ownership.IsOwnerAsync(cancellationToken);
            if (isOwner)
                return;
            LogFenced(Id);
            DeactivateOnIdle();
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogDatabase(Id, e.Message);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (_sweeps || _link is not { } link)
            return;
        // One that is being prepared is not asked of its calls here.
        var lostSilo = _lostSilo && link.IsReady;
        _lostSilo &= !lostSilo;
        _sweeps = true;
        try
        {
            await link.SweepAsync(cancellationToken);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or AriException)
        {
            _lostSilo |= lostSilo;
            LogSweep(Id, e.Message);
        }
        finally
        {
            _sweeps = false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node}: draining is {Draining}")]
    private partial void LogDraining(string node, bool draining);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} moves to silo {Silo}, which has fewer")]
    private partial void LogMoves(string node, string silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} has another owner; this one lets go of it")]
    private partial void LogFenced(string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: the database does not answer: {Reason}")]
    private partial void LogDatabase(string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: a sweep was cut short: {Reason}")]
    private partial void LogSweep(string node, string reason);
}
