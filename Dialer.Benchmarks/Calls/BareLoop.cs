using System.Globalization;
using Dialer.Ari;
using Dialer.Ari.Requests;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>The least that calls can cost: originate, and when a channel is gone, originate the next. Nothing decided, nothing stored.</summary>
internal sealed class BareLoop : IAriSink, IAsyncDisposable
{
    private readonly AriConnection _ari;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private int _next;
    private int _open;
    private volatile bool _over;

    private readonly string _behaviour;

    /// <param name="behaviour">How the called subscribers behave: the digits of their numbers behind 7999 (asterisk/network/extensions.conf).</param>
    public BareLoop(AsteriskInstance pbx, string behaviour)
        : this(new AriOptions { BaseUri = pbx.AriUrl, User = pbx.User, Password = pbx.Password, Application = "bare" }, behaviour)
    {
    }

    /// <param name="behaviour">The digits of the numbers behind 7999.</param>
    public BareLoop(AriOptions options, string behaviour)
    {
        _behaviour = behaviour;
        _ari = new AriConnection(options, this);
        _running = _ari.RunAsync(_stop.Token);
    }

    /// <summary>Keeps this many calls going, until the time is over and all have ended.</summary>
    public async Task RunAsync(int lines, TimeSpan length, CancellationToken cancellationToken)
    {
        await _ari.WaitConnectedAsync(cancellationToken);
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
        if (e is ChannelDestroyed)
        {
            _ = NextAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ari.DisposeAsync();
        _stop.Dispose();
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
