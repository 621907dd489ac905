using System.Collections.Concurrent;
using Dialer.Ari;
using Dialer.Grains.Calls;
using Dialer.Grains.Trunks;
using Dialer.Storage.Operators;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Dialer.Grains.Nodes;

/// <summary>
/// The living connection of a node grain: it takes events off the socket, and after each connect tells Asterisk of trunks and phones
/// and reconciles what is written with what runs there. It works outside the grain's scheduler (a receive loop must never wait for a
/// turn) and is thread-safe; the grain is a shell around it.
/// </summary>
internal sealed partial class NodeLink : IAriSink, IAsyncDisposable
{
    // A socket that was lost, or whose owner has just changed, is usually open again within this time.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(3);

    // Whoever has picked up hears nothing until their call is taken over.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    // For so long whoever changes a trunk or phone waits for the node to know.
    private static readonly TimeSpan TellingPatience = TimeSpan.FromSeconds(5);

    // A sweep has more to do than to wait for a trunk that hangs.
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(5);

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
    private readonly ConcurrentDictionary<string, string> _endpointStates = new(StringComparer.Ordinal);
    private readonly NodeTelling _telling;
    private readonly SeenCalls _seen;
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Set by the extensions.conf of a node that has the context for whoever picks up while nobody listens (asterisk/pbx/extensions.conf).
    private const string AnsweredVariable = "DIALER_ANSWERED";
    private volatile bool _ready;
    private volatile bool _lettingGo;
    private volatile bool _takenOver;
    private long _awaySince;
    private bool _connectedBefore;
    // How often it was connected: whoever prepares the node does so for one of these.
    private int _connection;
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
            new AriOptions
            {
                BaseUri = settings.AriUrl, User = settings.User, Password = settings.Password, Application = settings.Application, AllChannels = true,
                SendWithin = SiloPulse.Sleep,
            },
            this, loggers.CreateLogger<AriConnection>(), mayConnect: isOwner);
        _telling = new NodeTelling(Ari, settings.Id, grains, sipUsers, time, loggers.CreateLogger<NodeTelling>());
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

    /// <summary>The context of its dial plan in which a call waits that is answered while nobody listens; null where it has none, and hangs up.</summary>
    public string? AnsweredContext { get; private set; }

    /// <summary>Why it is not ready.</summary>
    public string? Problem { get; private set; } = "not connected yet";

    public void Connected(AriConnectionInfo info)
    {
        Version = info.Version;
        Problem = "connected; telling it of trunks and phones";
        var connection = Interlocked.Increment(ref _connection);
        _ = Task.Run(() => PrepareAsync(connection));
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
            var key = KeyOf(happened.Source);
            // A call that comes in from a trunk is turned away by the dial plan, and no grain knows of it.
            if (e is AriChannelEvent { Channel.Dialplan.Context: PjsipObjects.TrunkContext } && !CallNames.IsAttempt(key))
                return;
            if (happened.Kind == CallEventKind.Destroyed && CallNames.IsAttempt(happened.Source))
                _calls.Ended();
            _router.Route(key, happened);
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
        _telling.Stop();
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

    /// <summary>Whether calls could not be asked whose silo is gone: whoever asks again has others take them over.</summary>
    public bool WantsSweep { get; private set; }

    /// <summary>The safety net: what no event has told.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        _router.DeliverAnnouncements();
        if (!_ready)
            return;
        await _telling.TellChangesAsync(cancellationToken);
        await ReportTrunksAsync(cancellationToken);
        WantsSweep = false;
        // Also where it fails.
        var again = true;
        try
        {
            again = await _reconciliation.RunAsync(Ari, _settings, _seen, afterGap: false, fresh: false, cancellationToken);
        }
        finally
        {
            WantsSweep |= again;
        }
    }

    /// <summary>
    /// A trunk or phone has changed. Completes when the node was told of it, or when that takes so long that it is told later: a node that is being
    /// prepared once it is, one that refuses at a sweep, one that is away at its next connect.
    /// </summary>
    /// <param name="name">Its name in Asterisk.</param>
    public async Task ChangedAsync(string name)
    {
        _telling.Changed(name);
        if (Ari.IsConnected)
            await Suppressed(_telling.TellChangesAsync(CancellationToken.None).WaitAsync(TellingPatience, _time));
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

    private async Task PrepareAsync(int connection)
    {
        while (IsCurrent(connection) && !_lettingGo && !_stop.IsCancellationRequested)
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
                // No answer is not «there is none»: whoever picks up in the next gap would be hung up on.
                AnsweredContext = (await Ari.Asterisk.VariableAsync(AnsweredVariable, _stop.Token)).ValueOrThrow() is { Value: { Length: > 0 } context } ? context : null;
                // Beside each other: those who listen need no trunk to hear how it goes on, and a call that waits to be placed can't be asked.
                var telling = TellAsync(connection);
                var reconciling = _reconciliation.RunAsync(Ari, _settings, _seen, afterGap: true, fresh: !_connectedBefore, _stop.Token);
                // Not waited for: asking a silo that hangs once more takes seconds again, and new calls need none of it.
                AskAgainAsync(connection, reconciling, until: telling).Ignore();
                await Task.WhenAll(telling, reconciling);
                if (await reconciling)
                    WantsSweep = true;
                _connectedBefore = true;
                // Lost meanwhile, and open again: what was told before that is told once more now, and no call may be placed until it is.
                if (!IsCurrent(connection))
                    return;
                _ready = true;
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

    /// <summary>Tries again with calls that could not be given back to their grains, until the node was told of its trunks; then sweeps do.</summary>
    private async Task AskAgainAsync(int connection, Task<bool> reconciling, Task until)
    {
        var left = await reconciling;
        while (left)
        {
            await Suppressed(until.WaitAsync(AskAgain, _time, _stop.Token));
            if (until.IsCompleted || _lettingGo || !IsCurrent(connection))
                return;
            try
            {
                left = await _reconciliation.RunAsync(Ari, _settings, _seen, afterGap: false, fresh: false, _stop.Token);
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or AriException)
            {
                LogNotAsked(_settings.Id, e.Message);
            }
        }
    }

    private async Task TellAsync(int connection)
    {
        await _telling.TellAllAsync(_stop.Token);
        if (IsCurrent(connection))
            _told.TrySetResult();
    }

    private bool IsCurrent(int connection) => Ari.IsConnected && Volatile.Read(ref _connection) == connection;

    private async Task ReportTrunksAsync(CancellationToken cancellationToken)
    {
        var endpoints = await Ari.Endpoints.ListAsync(cancellationToken);
        var reports = new List<Task>();
        foreach (var endpoint in endpoints.Value ?? [])
            // «Offline» is said each time: a trunk that has woken elsewhere knows nothing of what was said before.
            if (endpoint.State is { } state && PjsipObjects.TrunkKey(endpoint.Resource) is { } trunk
                && (state == "offline"
                    ? !IsFirstLook(endpoint.Resource)
                    : !_endpointStates.TryGetValue(endpoint.Resource, out var before) || before != state))
                reports.Add(ReportAsync(endpoint.Resource, trunk, state));
        await Task.WhenAll(reports);
    }

    private async Task ReportAsync(string endpoint, string trunk, string state)
    {
        // One that is not answered in time may arrive all the same: what the trunk believes is unknown until one is.
        _endpointStates.TryRemove(endpoint, out _);
        try
        {
            await _grains.GetGrain<ITrunkLines>(trunk).Reported(_settings.Id, state != "offline").WaitAsync(ReportPatience, _time);
            _endpointStates[endpoint] = state;
        }
        // Its silo has just died, or hangs: said again at the next sweep. A trunk that was never told that its gateway answers again would call
        // past this node for ever.
        catch (Exception e) when (GrainCalls.WentUnanswered(e))
        {
            LogNotReported(trunk, _settings.Id, e.Message);
        }
    }

    private bool IsFirstLook(string trunk) => _telling.SinceTold(trunk) < FirstLook;

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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: calls that could not be asked how they stand are asked later: {Reason}")]
    private partial void LogNotAsked(string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Trunk {Trunk} was not told whether its gateway answers node {Node}; it is at the next sweep: {Reason}")]
    private partial void LogNotReported(string trunk, string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The phone's call {Channel} could not be served")]
    private partial void LogListenFailed(Exception error, string channel);
}
