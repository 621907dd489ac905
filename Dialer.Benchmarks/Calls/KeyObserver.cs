using System.Collections.Concurrent;
using Dialer.Ari;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// A second ARI application that only listens to what happens on the trunk: when Asterisk had a key, and when the operator's phone
/// said that it rings. Both by Asterisk's own clock.
/// </summary>
internal sealed class KeyObserver : IAriSink, IAsyncDisposable
{
    private const string Application = "observer";
    private readonly AriConnection _ari;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _ringing = new(StringComparer.Ordinal);
    private readonly Task _running;

    public KeyObserver(AsteriskInstance pbx)
    {
        _ari = new AriConnection(
            new AriOptions { BaseUri = pbx.AriUrl, User = pbx.User, Password = pbx.Password, Application = Application }, this);
        _running = _ari.RunAsync(_stop.Token);
    }

    public async Task ListenAsync(AsteriskInstance pbx, CancellationToken cancellationToken)
    {
        await _ari.WaitConnectedAsync(cancellationToken);
        using var answer = await pbx.Http.PostAsync(
            new Uri($"applications/{Application}/subscription?eventSource=endpoint:PJSIP/{CallingInstallation.Endpoint}", UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>From each key 1 to the operator's ringing.</summary>
    public IEnumerable<TimeSpan> Times() =>
        _keys.Where(key => _ringing.ContainsKey(key.Key)).Select(key => _ringing[key.Key] - key.Value);

    /// <summary>Keys after which no operator rang (yet).</summary>
    public int Unanswered => _keys.Keys.Count(key => !_ringing.ContainsKey(key));

    public void Connected(AriConnectionInfo info)
    {
    }

    public void Disconnected(Exception? reason)
    {
    }

    public void Received(AriEvent e)
    {
        if (e is ChannelDtmfReceived { Digit: "1" } key && key.Timestamp is { } pressed)
        {
            _keys.TryAdd(key.Channel.Id, pressed);
        }
        else if (e is ChannelStateChange { Channel.State: "Ringing" } change && change.Timestamp is { } rang
            && change.Channel.Id.Split('~') is [var call, _])
        {
            // A leg to an operator is named after its call: attempt~op1.
            _ringing.TryAdd(call, rang);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ari.DisposeAsync();
        _stop.Dispose();
    }
}
