using System.Globalization;
using Dialer.Ari;
using Dialer.Ari.Requests;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// The least that calls can cost: originate (and play what is to be played, and hang up), and when a channel is gone, originate the next.
/// Nothing decided, nothing stored.
/// </summary>
internal sealed class BareLoop : IAriSink, IAsyncDisposable
{
    private static readonly string[] s_unwanted =
    [
        "ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId", "ChannelStateChange", "ChannelHangupRequest", "Dial",
        "StasisEnd", "PlaybackStarted", "PlaybackContinuing", "DeviceStateChanged",
    ];

    private readonly AriConnection _ari;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private int _next;
    private int _open;
    private volatile bool _over;

    private readonly string _application;
    private readonly string _behaviour;
    private readonly IReadOnlyList<string> _media;
    private readonly TimeSpan? _silence;

    /// <param name="pbx">The Asterisk that calls.</param>
    /// <param name="behaviour">How the called subscribers behave: the digits of their numbers behind 7999 (asterisk/network/extensions.conf).</param>
    /// <param name="media">What is played to them.</param>
    /// <param name="silence">How long after that they are hung up; null where they hang up themselves.</param>
    public BareLoop(AsteriskInstance pbx, string behaviour, IReadOnlyList<string>? media = null, TimeSpan? silence = null)
        : this(new AriOptions { BaseUri = pbx.AriUrl, User = pbx.User, Password = pbx.Password, Application = "bare" }, behaviour) =>
        (_media, _silence) = (media ?? [], silence);

    /// <param name="options">The Asterisk that calls.</param>
    /// <param name="behaviour">The digits of the numbers behind 7999.</param>
    public BareLoop(AriOptions options, string behaviour)
    {
        (_behaviour, _media) = (behaviour, []);
        _application = options.Application;
        _ari = new AriConnection(options, this);
        _running = _ari.RunAsync(_stop.Token);
    }

    /// <summary>Keeps this many calls going, until the time is over and all have ended.</summary>
    public async Task RunAsync(int lines, TimeSpan length, CancellationToken cancellationToken)
    {
        await _ari.WaitConnectedAsync(cancellationToken);
        // As the dialer does: what nobody reads costs Asterisk a good part of a call.
        (await _ari.Applications.FilterEventsAsync(_application, allowed: null, s_unwanted, cancellationToken)).ThrowIfFailed();
        _open = lines;
        for (var i = 0; i < lines; i++)
        {
            _ = NextAsync();
        }

        await Task.Delay(length, cancellationToken);
        _over = true;
        await _idle.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    public void Connected(AriConnectionInfo info)
    {
    }

    public void Disconnected(Exception? reason)
    {
    }

    public void Received(AriEvent e)
    {
        switch (e)
        {
            case StasisStart { Channel.Id: var channel } when _media.Count > 0:
                _ = _ari.Channels.PlayAsync(channel, channel + "-all", _media);
                break;
            case PlaybackFinished { Playback.ChannelId: { } channel } when _silence is { } silence:
                _ = HangUpAsync(channel, silence);
                break;
            case ChannelDestroyed:
                _ = NextAsync();
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

    private async Task HangUpAsync(string channel, TimeSpan silence)
    {
        await Task.Delay(silence, _stop.Token);
        await _ari.Channels.HangupAsync(channel);
    }

    private async Task NextAsync()
    {
        while (!_over)
        {
            var number = Interlocked.Increment(ref _next);
            var call = await _ari.Channels.OriginateAsync(new Originate
            {
                Endpoint = string.Create(CultureInfo.InvariantCulture, $"PJSIP/7999{_behaviour}{number % 100_000:00000}@{CallingInstallation.Endpoint}"),
                ChannelId = string.Create(CultureInfo.InvariantCulture, $"bare-{number}"),
                Timeout = TimeSpan.FromSeconds(30),
            });
            if (call.IsSuccess)
            {
                return;
            }
        }

        if (Interlocked.Decrement(ref _open) == 0)
        {
            _idle.TrySetResult();
        }
    }
}
