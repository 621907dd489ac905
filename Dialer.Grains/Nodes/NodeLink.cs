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

    private readonly NodeSettings _settings;
    private readonly IGrainFactory _grains;
    private readonly SipUsers _sipUsers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventRouter _router;
    private readonly NodeReconciliation _reconciliation;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, string> _endpointStates = new(StringComparer.Ordinal);
    private volatile bool _ready;
    private bool _connectedBefore;
    private int _disposed;
    private volatile EventGap _gap;

    public NodeLink(
        NodeSettings settings, DateTimeOffset? lastSeen, NodeReconciliation reconciliation, IGrainFactory grains, SipUsers sipUsers,
        TimeProvider time, ILoggerFactory loggers)
    {
        (_settings, _gap, _reconciliation, _grains, _sipUsers, _time) =
            (settings, new EventGap(lastSeen, time.GetUtcNow()), reconciliation, grains, sipUsers, time);
        _logger = loggers.CreateLogger<NodeLink>();
        _router = new EventRouter(grains, time, _logger);
        Ari = new AriConnection(
            new AriOptions { BaseUri = settings.AriUrl, User = settings.User, Password = settings.Password, Application = settings.Application },
            this, loggers.CreateLogger<AriConnection>());
        // Without the context of whoever woke the grain: every event would be taken for a part of that one's trace.
        using (ExecutionContext.SuppressFlow())
            Running = Task.Run(() => Ari.RunAsync(_stop.Token));
    }

    /// <summary>The connection, for requests.</summary>
    public AriConnection Ari { get; }

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
        _gap = _gap with { EndedAt = _time.GetUtcNow() };
        Problem = "connected; telling it of trunks and phones";
        _ = Task.Run(PrepareAsync);
    }

    public void Disconnected(Exception? reason)
    {
        if (_ready)
            _gap = _gap with { LastSeen = _time.GetUtcNow() };
        _ready = false;
        Problem = $"Asterisk does not answer at {_settings.AriUrl.GetLeftPart(UriPartial.Path)}: {reason?.Message ?? "closed"}";
    }

    public void Received(AriEvent e)
    {
        if (e is StasisStart { Args: ["internal", var extension, var endpoint, ..] } start)
            _ = Task.Run(() => ListenAsync(start.Channel.Id, extension, endpoint));
        else if (AriTranslation.Translate(e) is { } happened)
            _router.Route(KeyOf(happened.Source), happened);
    }

    /// <summary>The safety net: what no event has told.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!_ready)
            return;
        await ReportTrunksAsync(cancellationToken);
        await _reconciliation.RunAsync(Ari, _settings, _gap, afterGap: false, fresh: false, cancellationToken);
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
                await Ari.Applications.FilterEventsAsync(
                    _settings.Application, allowed: null, AriTranslation.Unwanted, _stop.Token);
                await PushEverythingAsync(_stop.Token);
                await _reconciliation.RunAsync(Ari, _settings, _gap, afterGap: true, fresh: !_connectedBefore, _stop.Token);
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
        var trunks = new List<TrunkSpec>();
        foreach (var tenant in await _grains.GetGrain<ITenantDirectoryGrain>("all").List())
        {
            foreach (var trunk in await _grains.GetGrain<ITenantGrain>(tenant).Trunks())
                if (await _grains.GetGrain<ITrunkLines>(Keys.Of(tenant, trunk)).Spec() is { } spec)
                    trunks.Add(spec);
            foreach (var phone in await _grains.GetGrain<ITenantParts>(tenant).Phones())
                await PushAsync(PjsipObjects.Of(phone), cancellationToken);
        }

        await ReplaceAsync(trunks, cancellationToken);
    }

    private async Task ReportTrunksAsync(CancellationToken cancellationToken)
    {
        var endpoints = await Ari.Endpoints.ListAsync(cancellationToken);
        foreach (var endpoint in endpoints.Value ?? [])
            if (endpoint.State is { } state && endpoint.Resource.Split('.') is ["t", var tenant, var trunk]
                && (!_endpointStates.TryGetValue(endpoint.Resource, out var before) || before != state))
            {
                _endpointStates[endpoint.Resource] = state;
                await _grains.GetGrain<ITrunkLines>(Keys.Of(tenant, trunk)).Reported(state != "offline", "the gateway does not answer");
            }
    }

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
