using System.Collections.Concurrent;
using Dialer.Ari;
using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Tenants;
using Dialer.Grains.Trunks;
using Dialer.Grains.Interfaces;
using Dialer.Storage.Operators;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// The living connection of a node grain: it takes events off the socket, and after each connect tells Asterisk of trunks and phones
/// and reconciles what is written with what runs there. It works outside the grain's scheduler (a receive loop must never wait for a
/// turn) and is thread-safe; the grain is a shell around it.
/// </summary>
internal sealed partial class NodeLink : IAriSink, IAsyncDisposable
{
    // A registration that is taken away says good-bye to its provider, which asks for the login once more.
    private static readonly TimeSpan GoodBye = TimeSpan.FromSeconds(1);

    // A socket that was lost, or whose owner has just changed, is usually open again within this time.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(3);

    // Asterisk says «offline» of a gateway until it has asked it for the first time: within 2 s (pjsip.conf), and it waits 5 s for the answer.
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(8);

    private readonly NodeSettings _settings;
    private readonly IGrainFactory _grains;
    private readonly SipUsers _sipUsers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventRouter _router;
    private readonly NodeReconciliation _reconciliation;
    private readonly Func<CancellationToken, Task<bool>> _isOwner;
    private readonly CallCount _calls;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, string> _endpointStates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _toldAt = new(StringComparer.Ordinal);
    private readonly SeenCalls _seen;
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ready;
    private volatile bool _lettingGo;
    private volatile bool _takenOver;
    private long _awaySince;
    private bool _connectedBefore;
    private int _disposed;

    /// <param name="isOwner">
    /// Whether the node is still this link's. Asked before each connect: a silo that was declared dead and wakes would take the socket from the
    /// one that has the node now, and place calls that were asked of it before it fell asleep.
    /// </param>
    public NodeLink(
        NodeSettings settings, SeenCalls seen, CallCount calls, Func<CancellationToken, Task<bool>> isOwner, NodeReconciliation reconciliation,
        IGrainFactory grains, SipUsers sipUsers, TimeProvider time, ILoggerFactory loggers)
    {
        _isOwner = isOwner;
        (_settings, _seen, _calls, _reconciliation, _grains, _sipUsers, _time) = (settings, seen, calls, reconciliation, grains, sipUsers, time);
        _awaySince = time.GetTimestamp();
        _logger = loggers.CreateLogger<NodeLink>();
        _router = new EventRouter((key, events) => grains.GetGrain<ICallGrain>(key).Happened(events), time, _logger);
        Ari = new AriConnection(
            new AriOptions { BaseUri = settings.AriUrl, User = settings.User, Password = settings.Password, Application = settings.Application },
            this, loggers.CreateLogger<AriConnection>(), mayConnect: isOwner);
        // Without the context of whoever woke the grain: every event would be taken for a part of that one's trace.
        using (ExecutionContext.SuppressFlow())
            Running = Task.Run(() => Ari.RunAsync(_stop.Token));
    }

    /// <summary>The connection, for requests.</summary>
    public AriConnection Ari { get; }

    /// <summary>The node's id.</summary>
    public string Node => _settings.Id;

    /// <summary>Ends only when the link is disposed of.</summary>
    public Task Running { get; }

    /// <summary>Connected, told of everything, and reconciled.</summary>
    public bool IsReady => _ready;

    /// <summary>Asterisk's version, once known.</summary>
    public string? Version { get; private set; }

    /// <summary>Why it is not ready.</summary>
    public string? Problem { get; private set; } = "not connected yet";

    public void Connected(AriConnectionInfo info)
    {
        Version = info.Version;
        Problem = "connected; telling it of trunks and phones";
        _ = Task.Run(PrepareAsync);
    }

    public void Disconnected(Exception? reason)
    {
        _ready = false;
        Volatile.Write(ref _told, new(TaskCreationOptions.RunContinuationsAsynchronously));
        Volatile.Write(ref _awaySince, _time.GetTimestamp());
        if (_lettingGo)
        {
            // Whoever has taken it over keeps it: connecting again would take it back.
            _takenOver |= reason is AriApplicationReplacedException;
            _stop.Cancel();
            _letGo.TrySetResult();
        }

        Problem = $"Asterisk does not answer at {_settings.AriUrl.GetLeftPart(UriPartial.Path)}: {reason?.Message ?? "closed"}";
    }

    public void Received(AriEvent e)
    {
        if (e is StasisStart { Args: ["internal", var extension, var endpoint, ..] } start)
            _ = Task.Run(() => ListenAsync(start.Channel.Id, extension, endpoint));
        else if (AriTranslation.Translate(e) is { } happened)
        {
            if (happened.Kind == CallEventKind.Destroyed && CallNames.IsAttempt(happened.Source))
                _calls.Ended();
            _router.Route(KeyOf(happened.Source), happened);
        }
    }

    /// <summary>
    /// The connection, at once or as soon as it is open where it was lost only just now. Requests fail without one, and a call whose
    /// announcement is not played because the node has changed its owner stands still.
    /// </summary>
    public async Task<AriConnection> SoonAsync()
    {
        if (!Ari.IsConnected)
            await Soon(Ari.WaitConnectedAsync(_stop.Token));
        return Ari;
    }

    /// <summary>
    /// The same for a new call: its trunk is there only when the node was told of it. At each connect trunks are taken away and made anew,
    /// and a call in between would be refused.
    /// </summary>
    public async Task<AriConnection> SoonToldAsync()
    {
        if (!_ready)
            await Soon(Volatile.Read(ref _told).Task);
        return Ari;
    }

    private Task Soon(Task task)
    {
        var left = SoonAgain - _time.GetElapsedTime(Volatile.Read(ref _awaySince));
        return left > TimeSpan.Zero ? Suppressed(task.WaitAsync(left, _time)) : Task.CompletedTask;
    }

    private static async Task Suppressed(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>The grain is gone: the socket is read on, and not opened again once it is closed.</summary>
    public void LetGo()
    {
        _lettingGo = true;
        _ready = false;
        if (!Ari.IsConnected)
            _letGo.TrySetResult();
    }

    /// <summary>
    /// Waits until somebody else has opened the node's socket, then until what was read here has reached its calls.
    /// </summary>
    /// <param name="forOther">How long to wait for somebody else; then the socket is closed.</param>
    /// <param name="forCalls">How long to wait for the calls.</param>
    /// <returns>Whether somebody else has taken the node over.</returns>
    public async Task<bool> ReadOutAsync(TimeSpan forOther, TimeSpan forCalls, CancellationToken cancellationToken)
    {
        LetGo();
        await _letGo.Task.WaitAsync(forOther, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync();
        await Running;
        await _router.EmptyAsync().WaitAsync(forCalls, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _takenOver;
    }

    /// <summary>Sees which calls are there.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var asked = _time.GetUtcNow();
        if (_ready && (await Ari.Channels.ListAsync(cancellationToken)).Value is { } channels)
            _seen.Note(channels.Select(channel => channel.Id).Where(CallNames.IsAttempt), asked);
    }

    /// <summary>The safety net: what no event has told.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        _router.DeliverAnnouncements();
        if (!_ready)
            return;
        await ReportTrunksAsync(cancellationToken);
        await _reconciliation.RunAsync(Ari, _settings, _seen, afterGap: false, fresh: false, cancellationToken);
    }

    /// <summary>Creates or changes objects, in order.</summary>
    public async Task PushAsync(IEnumerable<PjsipObjects.PjsipObject> objects, CancellationToken cancellationToken)
    {
        foreach (var item in objects)
        {
            var result = await Ari.Asterisk.PutConfigAsync(PjsipObjects.Class, item.Type, item.Id, item.Fields, cancellationToken);
            if (!result.IsSuccess)
            {
                LogPushFailed(item.Type, item.Id, _settings.Id, result.Error.ToString());
                if (result.Error.Kind is AriErrorKind.Disconnected or AriErrorKind.Timeout)
                    throw new AriException(result.Error);
            }
        }
    }

    /// <summary>
    /// Tells the node of trunks in the place of what it knows under their names. Asterisk (22) only adds to an object that is there: the
    /// aor would keep the gateway's old address beside the new one and go on calling it, and the endpoint a login that was removed.
    /// </summary>
    public async Task ReplaceAsync(IReadOnlyList<TrunkSpec> trunks, CancellationToken cancellationToken)
    {
        await UnregisterAsync(trunks.Select(trunk => PjsipObjects.TrunkName(trunk.Key)), cancellationToken);
        foreach (var trunk in trunks)
        {
            await RemoveObjectsAsync(PjsipObjects.TrunkName(trunk.Key), cancellationToken);
            await PushAsync(PjsipObjects.Of(trunk), cancellationToken);
            _toldAt[PjsipObjects.TrunkName(trunk.Key)] = _time.GetTimestamp();
        }
    }

    /// <summary>Takes the objects of a trunk or phone away.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await UnregisterAsync([name], cancellationToken);
        await RemoveObjectsAsync(name, cancellationToken);
    }

    private async Task UnregisterAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var name in names)
            any |= (await Ari.Asterisk.DeleteConfigAsync(PjsipObjects.Class, PjsipObjects.Registration, name, cancellationToken)).IsSuccess;
        if (any)
            await Task.Delay(GoodBye, TimeProvider.System, cancellationToken);
    }

    private async Task RemoveObjectsAsync(string name, CancellationToken cancellationToken)
    {
        foreach (var type in PjsipObjects.Removal)
            await Ari.Asterisk.DeleteConfigAsync(PjsipObjects.Class, type, name, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        _ready = false;
        await _stop.CancelAsync();
        await Ari.DisposeAsync();
        _stop.Dispose();
    }

    private async Task PrepareAsync()
    {
        while (Ari.IsConnected && !_stop.IsCancellationRequested)
        {
            try
            {
                // Once more: it may have slept between the question and the connect.
                if (!await _isOwner(_stop.Token))
                {
                    Problem = "another silo has taken the node over";
                    await _stop.CancelAsync();
                    return;
                }

                await Ari.Applications.FilterEventsAsync(
                    _settings.Application, allowed: null, AriTranslation.Unwanted, _stop.Token);
                await PushEverythingAsync(_stop.Token);
                // Not only after the reconciliation: that asks calls, and a call that waits to be placed can't answer.
                _told.TrySetResult();
                await _reconciliation.RunAsync(Ari, _settings, _seen, afterGap: true, fresh: !_connectedBefore, _stop.Token);
                _connectedBefore = true;
                _ready = Ari.IsConnected;
                Problem = null;
                LogReady(_settings.Id, Version);
                return;
            }
            // A node that can't be prepared takes no calls; it is tried again as long as it is connected.
            catch (Exception e) when (e is not OperationCanceledException || !_stop.IsCancellationRequested)
            {
                Problem = $"connected, but not ready: {e.Message}";
                LogNotReady(_settings.Id, e);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
            }
        }
    }

    private async Task PushEverythingAsync(CancellationToken cancellationToken)
    {
        // What it has comes first: an object that is pushed meanwhile was made known to its tenant before, so it is in our lists too.
        var there = (await Ari.Endpoints.ListAsync(cancellationToken)).ValueOrThrow();
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        var trunks = new List<TrunkSpec>();
        foreach (var tenant in await _grains.GetGrain<ITenantDirectoryGrain>("all").List())
        {
            foreach (var trunk in await _grains.GetGrain<ITenantGrain>(tenant).Trunks())
                if (await _grains.GetGrain<ITrunkLines>(Keys.Of(tenant, trunk)).Spec() is { } spec)
                    trunks.Add(spec);
            foreach (var phone in await _grains.GetGrain<ITenantParts>(tenant).Phones())
            {
                wanted.Add(phone.SipUser);
                await PushAsync(PjsipObjects.Of(phone), cancellationToken);
            }
        }

        await ReplaceAsync(trunks, cancellationToken);
        wanted.UnionWith(trunks.Select(trunk => PjsipObjects.TrunkName(trunk.Key)));
        // Deleted while nobody could tell it. Endpoints of its own files stay: Asterisk refuses to delete them.
        foreach (var endpoint in there.Where(e => e.Technology == "PJSIP" && !wanted.Contains(e.Resource)))
            await RemoveAsync(endpoint.Resource, cancellationToken);
    }

    private async Task ReportTrunksAsync(CancellationToken cancellationToken)
    {
        var endpoints = await Ari.Endpoints.ListAsync(cancellationToken);
        foreach (var endpoint in endpoints.Value ?? [])
            // «Offline» is said each time: a trunk that has woken elsewhere knows nothing of what was said before.
            if (endpoint.State is { } state && endpoint.Resource.Split('.') is ["t", var tenant, var trunk]
                && (state == "offline"
                    ? !IsFirstLook(endpoint.Resource)
                    : !_endpointStates.TryGetValue(endpoint.Resource, out var before) || before != state))
            {
                _endpointStates[endpoint.Resource] = state;
                await _grains.GetGrain<ITrunkLines>(Keys.Of(tenant, trunk)).Reported(_settings.Id, state != "offline");
            }
    }

    private bool IsFirstLook(string trunk) => _toldAt.TryGetValue(trunk, out var at) && _time.GetElapsedTime(at) < FirstLook;

    private async Task ListenAsync(string channel, string extension, string endpoint)
    {
        try
        {
            if (await _sipUsers.OwnerAsync(endpoint, _stop.Token) is { } owner)
                await _grains.GetGrain<ICallGrain>(KeyOf(channel)).Listen(_settings.Id, channel, owner.Tenant, extension);
            else
                await Ari.Channels.HangupAsync(channel, cancellationToken: _stop.Token);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            LogListenFailed(e, channel);
            await Ari.Channels.HangupAsync(channel, cancellationToken: CancellationToken.None);
        }
    }

    // Channels that Asterisk named itself are unique on their node alone.
    private string KeyOf(string source)
    {
        var key = CallNames.KeyOf(source);
        return CallNames.IsAttempt(key) || key.StartsWith(_settings.Id + ":", StringComparison.Ordinal) ? key : $"{_settings.Id}:{key}";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is ready (Asterisk {Version})")]
    private partial void LogReady(string node, string? version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} is connected but could not be made ready; trying again")]
    private partial void LogNotReady(string node, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Asterisk refused {Type} {Name} on node {Node}: {Reason}")]
    private partial void LogPushFailed(string type, string name, string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The phone's call {Channel} could not be served")]
    private partial void LogListenFailed(Exception error, string channel);
}
