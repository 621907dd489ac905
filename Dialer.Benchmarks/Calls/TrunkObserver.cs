using System.Collections.Concurrent;
using Dialer.Ari;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// A second ARI application that only listens to what happens on the trunk, by Asterisk's own clock: when channels come and go, when
/// people answer, when a key came, when the operator's phone said that it rings, and what was played.
/// </summary>
internal sealed class TrunkObserver : IAriSink, IAsyncDisposable
{
    private const string Application = "observer";
    private readonly AriConnection _ari;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _created = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _destroyed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _ringing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _played = new(StringComparer.Ordinal);
    private readonly Task _running;

    private TrunkObserver(AsteriskInstance pbx)
    {
        _ari = new AriConnection(
            new AriOptions { BaseUri = pbx.AriUrl, User = pbx.User, Password = pbx.Password, Application = Application }, this);
        _running = _ari.RunAsync(_stop.Token);
    }

    public static async Task<TrunkObserver> StartAsync(AsteriskInstance pbx, CancellationToken cancellationToken)
    {
        var observer = new TrunkObserver(pbx);
        await observer._ari.WaitConnectedAsync(cancellationToken);
        using var answer = await pbx.Http.PostAsync(
            new Uri($"applications/{Application}/subscription?eventSource=endpoint:PJSIP/{CallingInstallation.Endpoint}", UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return observer;
    }

    /// <summary>From each channel's end to the next channel.</summary>
    public IEnumerable<TimeSpan> Freed(int lines, DateTimeOffset from, DateTimeOffset to) =>
        Freed(_destroyed.Values.Order(), _created.Values.Order(), lines, from, to);

    /// <summary>
    /// From each end to the next beginning, both in order. All lines are in use from the beginning, so the n-th call to end frees the line
    /// that the n-th call after the first «lines» takes.
    /// </summary>
    public static IEnumerable<TimeSpan> Freed(
        IEnumerable<DateTimeOffset> ends, IEnumerable<DateTimeOffset> beginnings, int lines, DateTimeOffset from, DateTimeOffset to) =>
        ends.Zip(beginnings.Skip(lines))
            .Where(pair => pair.First >= from && pair.Second < to).Select(pair => pair.Second - pair.First);

    /// <summary>From each key 1 to the operator's ringing.</summary>
    public IEnumerable<TimeSpan> KeyToRinging(DateTimeOffset from) =>
        _keys.Where(key => key.Value >= from && _ringing.ContainsKey(key.Key)).Select(key => _ringing[key.Key] - key.Value);

    /// <summary>What one of the calls that have ended heard, in order; one of those that heard most.</summary>
    /// <exception cref="InvalidOperationException">No call has ended.</exception>
    public IReadOnlyList<string> Played() =>
        [.. _played.Where(call => _destroyed.ContainsKey(call.Key)).MaxBy(call => call.Value.Count).Value ?? throw new InvalidOperationException("Nothing was played.")];

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
        var at = e.Timestamp;
        switch (e)
        {
            case ChannelCreated created:
                _created.TryAdd(created.Channel.Id, at);
                break;
            case ChannelDestroyed destroyed:
                _destroyed.TryAdd(destroyed.Channel.Id, at);
                break;
            // Said of each medium of a list.
            case PlaybackStarted { Playback: { ChannelId: { } channel } playback }:
                _played.GetOrAdd(channel, _ => []).Enqueue(playback.MediaUri);
                break;
            case ChannelDtmfReceived { Digit: "1" } key:
                _keys.TryAdd(key.Channel.Id, at);
                break;
            // A leg to an operator is named after its call: attempt~op1.
            case ChannelStateChange { Channel.State: "Ringing" } change when change.Channel.Id.Split('~') is [var call, _]:
                _ringing.TryAdd(call, at);
                break;
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
