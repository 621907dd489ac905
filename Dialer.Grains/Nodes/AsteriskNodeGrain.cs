using Dialer.Ari;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;
using Dialer.Storage.Operators;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Dialer.Grains.Nodes;

/// <summary>
/// One Asterisk node: owns the one event socket to it. Key: the node's id in the configuration. Called by calls (requests), trunks and
/// tenants (what to push) and watchdogs. Nothing survives a crash but its epoch: whoever wakes next connects and reconciles.
/// Every method interleaves: requests go straight to the thread-safe connection, and state changes only in activation and timers.
/// </summary>
[KeepAlive, Immovable, PreferLocalPlacement]
public sealed partial class AsteriskNodeGrain(
    AsteriskNodes nodes, Owners owners, OpenAttempts open, SipUsers sipUsers, NodeReconciliation reconciliation,
    IGrainFactory grains, TimeProvider time, ILoggerFactory loggers)
    : Grain, IAsteriskNodeGrain, IAsyncDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.5);

    // Lost with the activation.
    private readonly ILogger _logger = loggers.CreateLogger<AsteriskNodeGrain>();
    private NodeLink? _link;
    private long _epoch;
    private int _calls;

    private string Id => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var settings = nodes.Settings(Id)
            ?? throw new InvalidOperationException($"Node '{Id}' is not in the configuration of this silo (Dialer:Nodes).");
        var lastSeen = await owners.LastSeenAsync(Owners.Node, Id, cancellationToken);
        _epoch = await owners.TakeAsync(Owners.Node, Id, RuntimeIdentity, time.GetUtcNow(), cancellationToken);
        _link = new NodeLink(settings, lastSeen, reconciliation, grains, sipUsers, time, loggers);
        this.RegisterGrainTimer(BeatAsync, new GrainTimerCreationOptions(Heartbeat, Heartbeat) { Interleave = true, KeepAlive = true });
        this.RegisterGrainTimer(SweepAsync, new GrainTimerCreationOptions(Sweep, Sweep) { Interleave = true, KeepAlive = true });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => await DisposeAsync();

    public ValueTask DisposeAsync() => _link?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async Task<NodeAnswer> Originate(OriginateOrder order)
    {
        var result = await Ari.Channels.OriginateAsync(new Dialer.Ari.Requests.Originate
        {
            Endpoint = order.Endpoint,
            ChannelId = order.ChannelId,
            CallerId = order.CallerId,
            Timeout = order.Timeout,
            Originator = order.Originator,
        });
        if (result.Error is not { Kind: AriErrorKind.Conflict })
            return Answered(result.Error);
        // «In use» says that this very originate was done before, or (Asterisk 22, after a real conflict) that an endpoint can't be made:
        // the channel itself tells which. One that is not there may also have ended; its last event or reconciliation tells.
        return (await Ari.Channels.GetAsync(order.ChannelId)).IsSuccess ? NodeAnswer.Done : NodeAnswer.Unknown;
    }

    public async Task<NodeAnswer> Play(string channel, string playback, IReadOnlyList<string> media)
    {
        var result = await Ari.Channels.PlayAsync(channel, playback, media);
        // The id is ours: a conflict with a playback of it says that a call whose grain was lost had begun it before.
        return result.Error is { Kind: AriErrorKind.Conflict } && (await Ari.Playbacks.GetAsync(playback)).IsSuccess
            ? NodeAnswer.Done
            : Answered(result.Error);
    }

    public async Task<NodeAnswer> StopPlaying(string playback) => Answered((await Ari.Playbacks.StopAsync(playback)).Error);

    public async Task<bool> IsPlaying(string playback) => (await Ari.Playbacks.GetAsync(playback)).Error is not { Kind: AriErrorKind.NotFound };

    public async Task<NodeAnswer> Hangup(string channel) => Answered((await Ari.Channels.HangupAsync(channel)).Error);

    public async Task<NodeAnswer> HoldMusic(string channel, bool on) =>
        Answered((on ? await Ari.Channels.StartMohAsync(channel) : await Ari.Channels.StopMohAsync(channel)).Error);

    public async Task<NodeAnswer> Answer(string channel) => Answered((await Ari.Channels.AnswerAsync(channel)).Error);

    public async Task<NodeAnswer> Connect(string bridge, IReadOnlyList<string> channels)
    {
        var made = await Ari.Bridges.CreateAsync(bridge);
        if (made.Error is { Kind: not AriErrorKind.Conflict })
            return Answered(made.Error);
        foreach (var channel in channels)
            if ((await Ari.Bridges.AddChannelAsync(bridge, channel)).Error is { } error)
                return Answered(error);
        return NodeAnswer.Done;
    }

    public async Task<NodeAnswer> Disconnect(string bridge) => Answered((await Ari.Bridges.DestroyAsync(bridge)).Error);

    public Task PushTrunk(TrunkSpec trunk) => Push(link => link.ReplaceAsync([trunk], CancellationToken.None));

    public Task RemoveTrunk(string key) => Push(link => link.RemoveAsync(PjsipObjects.TrunkName(key), CancellationToken.None));

    public Task PushPhone(PhoneSpec phone) => Push(link => link.PushAsync(PjsipObjects.Of(phone), CancellationToken.None));

    public Task RemovePhone(string sipUser) => Push(link => link.RemoveAsync(sipUser, CancellationToken.None));

    public async Task<bool> IsRegistered(string sipUser) =>
        _link is { IsReady: true } && (await Ari.Endpoints.GetAsync("PJSIP", sipUser)).Value?.State == "online";

    public async Task<NodeStatus> Ping()
    {
        // A line that has gone silent is noticed here seconds before its socket breaks, and takes no further calls.
        var isSilent = _link is { IsReady: true } && !await Answers();
        return new NodeStatus(
            Id, _link is { IsReady: true } && !isSilent, _link?.Version, _calls, isSilent ? "Asterisk does not answer at the moment" : _link?.Problem);
    }

    private AriConnection Ari => _link!.Ari;

    private async Task<bool> Answers()
    {
        using var patience = new CancellationTokenSource(Silence, time);
        try
        {
            return (await Ari.Asterisk.PingAsync(patience.Token)).IsSuccess;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Push(Func<NodeLink, Task> push)
    {
        // A node that is away is told everything at its next connect.
        if (_link is not { Ari.IsConnected: true } link)
            return;
        try
        {
            await push(link);
        }
        catch (AriException e)
        {
            LogPushFailed(Id, e.Message);
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

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            _calls = (await open.OfNodeAsync(Id, time.GetUtcNow(), cancellationToken)).Count;
            // «Seen» means: the node was well at that moment. Calls that vanish later are closed by it.
            if (_link is { IsReady: true } && !await owners.SeenAsync(Owners.Node, Id, _epoch, time.GetUtcNow(), cancellationToken))
            {
                LogFenced(Id);
                DeactivateOnIdle();
            }
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogDatabase(Id, e.Message);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _link!.SweepAsync(cancellationToken);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or AriException)
        {
            LogSweep(Id, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} was not told of a change and gets it when it connects: {Reason}")]
    private partial void LogPushFailed(string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} has another owner; this one lets go of it")]
    private partial void LogFenced(string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: the database does not answer: {Reason}")]
    private partial void LogDatabase(string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: a sweep was cut short: {Reason}")]
    private partial void LogSweep(string node, string reason);
}
