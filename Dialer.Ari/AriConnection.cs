using Dialer.Ari.Requests;
using Dialer.Ari.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dialer.Ari;

/// <summary>
/// One Stasis application on one Asterisk: its event socket, which is opened again whenever it breaks, and the requests that
/// go with it. Requests may come from many threads; without a connection they fail at once, as not sent.
/// </summary>
public sealed partial class AriConnection : IAsyncDisposable
{
    private readonly AriOptions _options;
    private readonly IAriSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpTransport _http;
    private readonly Func<CancellationToken, Task<bool>>? _mayConnect;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lock _stateLock = new();
    private TaskCompletionSource<AriConnectionInfo> _connected = NewSignal();
    private volatile IRequestTransport? _transport;
    private Task _running = Task.CompletedTask;
    private int _started;
    private int _disposed;

    /// <summary>Prepares a connection; <see cref="RunAsync"/> opens it.</summary>
    /// <param name="options">Where to and how.</param>
    /// <param name="sink">Takes events and changes of the connection.</param>
    /// <param name="logger">Takes what an operator should see; never a password or a number.</param>
    /// <param name="time">Clock of time-outs and backoff.</param>
    /// <param name="mayConnect">Asked before each attempt to connect; no, or an exception, puts it off.</param>
    /// <exception cref="ArgumentException">The options cannot work; the message says which.</exception>
    public AriConnection(
        AriOptions options, IAriSink sink, ILogger<AriConnection>? logger = null, TimeProvider? time = null, Func<CancellationToken, Task<bool>>? mayConnect = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        options.Check();
        _options = options;
        _sink = sink;
        _mayConnect = mayConnect;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<AriConnection>.Instance;
        _http = new HttpTransport(options, _time);
        var sender = new RequestSender(() => _transport, options.BaseUri.Authority, options.RequestTimeout);
        Channels = new ChannelRequests(sender, options.Application);
        Bridges = new BridgeRequests(sender);
        Playbacks = new PlaybackRequests(sender);
        Endpoints = new EndpointRequests(sender);
        Asterisk = new AsteriskRequests(sender);
        Applications = new ApplicationRequests(sender);
    }

    /// <summary>Requests about channels.</summary>
    public ChannelRequests Channels { get; }

    /// <summary>Requests about bridges.</summary>
    public BridgeRequests Bridges { get; }

    /// <summary>Requests about playbacks.</summary>
    public PlaybackRequests Playbacks { get; }

    /// <summary>Requests about trunks and phones.</summary>
    public EndpointRequests Endpoints { get; }

    /// <summary>Requests about the server itself and its configuration.</summary>
    public AsteriskRequests Asterisk { get; }

    /// <summary>Requests about Stasis applications.</summary>
    public ApplicationRequests Applications { get; }

    /// <summary>Whether events arrive and requests are possible now.</summary>
    public bool IsConnected => _transport is not null;

    /// <summary>Completes when there is a connection: at once where there is one.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the connection.</param>
    public Task<AriConnectionInfo> WaitConnectedAsync(CancellationToken cancellationToken = default)
    {
        lock (_stateLock)
        {
            return _connected.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Connects, delivers events, and connects again after each loss, until <paramref name="cancellationToken"/> is cancelled
    /// or the connection is disposed; then it says good-bye and returns. It never ends by an error. Call it once.
    /// </summary>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <exception cref="InvalidOperationException">It runs, or ran, already.</exception>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) == 1)
        {
            throw new InvalidOperationException("AriConnection.RunAsync was called before; make a new AriConnection instead.");
        }

        return _running = SuperviseAsync(cancellationToken);
    }

    /// <summary>Ends the connection and waits until <see cref="RunAsync"/> has returned. A second time does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _disposing.CancelAsync();
        await _running;
        _http.Dispose();
        _disposing.Dispose();
    }

    private async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            Exception? reason = null;
            var wasConnected = false;
            try
            {
                if (_mayConnect is not null && !await _mayConnect(stop.Token))
                {
                    throw new InvalidOperationException("Somebody else has it now.");
                }

                using var socket = await EventSocket.ConnectAsync(_options, _time, stop.Token);
                reason = await UseAsync(socket, () => wasConnected = true, stop.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                reason = e;
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (wasConnected)
            {
                failures = 0;
                if (!stop.IsCancellationRequested)
                {
                    AriTelemetry.Lost(_options.BaseUri.Authority);
                }
            }

            if (!stop.IsCancellationRequested)
            {
                await PauseAsync(reason, failures++, stop.Token);
            }
        }
    }

    /// <summary>Waits before the next attempt; at once the longest wait where somebody else took the application over.</summary>
    private async Task PauseAsync(Exception? reason, int failures, CancellationToken stop)
    {
        // Two clients that take one application from each other at full speed would lose events of every call.
        var pause = reason is AriApplicationReplacedException
            ? _options.MaxBackoff
            : Backoff.Next(failures, _options.MinBackoff, _options.MaxBackoff, Random.Shared.NextDouble());
        LogReconnecting(_options.Application, _options.BaseUri, reason?.Message ?? "Asterisk closed the connection", pause);
        await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TaskCompletionSource<AriConnectionInfo> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Warning, "ARI application {Application} at {BaseUri} is not connected: {Reason} Next attempt in {Pause}.")]
    private partial void LogReconnecting(string application, Uri baseUri, string reason, TimeSpan pause);

    [LoggerMessage(LogLevel.Information, "ARI application {Application} at {BaseUri} is connected, requests over {Transport}, Asterisk {Version}.")]
    private partial void LogConnected(string application, Uri baseUri, AriTransport transport, string? version);

    [LoggerMessage(LogLevel.Error, "The sink of ARI application {Application} threw at {What}; events go on.")]
    private partial void LogSinkThrew(Exception e, string application, string what);

    [LoggerMessage(LogLevel.Warning, "A message of {Length} bytes to ARI application {Application} cannot be read and is skipped: {Reason}")]
    private partial void LogUnreadable(int length, string application, string reason);
}
