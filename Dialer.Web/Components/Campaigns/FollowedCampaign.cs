using Dialer.Grains.Interfaces.Campaigns;

namespace Dialer.Web.Components.Campaigns;

/// <summary>
/// One campaign that pages of this process show. The grain tells its changes; a renewal keeps that alive, and a poll fills in when
/// it is silent (nothing happens, or the grain moved to another silo and forgot its observers).
/// </summary>
internal sealed partial class FollowedCampaign : ICampaignObserver, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RenewEvery = CampaignObservation.Expiry / 3;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private readonly IClusterClient _cluster;
    private readonly string _key;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Action<CampaignFigures>> _listeners = [];
    private CampaignFigures? _latest;
    private DateTimeOffset _delivered;
    private ITimer? _later;

    public FollowedCampaign(IClusterClient cluster, string key, TimeProvider clock, ILogger log)
    {
        (_cluster, _key, _clock, _log) = (cluster, key, clock, log);
        // It outlives the circuit that happened to be the first.
        using var apart = ExecutionContext.SuppressFlow();
        _ = Task.Run(() => Keep(_stop.Token), CancellationToken.None);
    }

    public bool IsAbandoned
    {
        get
        {
            lock (_lock)
                return _listeners.Count == 0;
        }
    }

    private ICampaignGrain Campaign => _cluster.GetGrain<ICampaignGrain>(_key);

    public IDisposable Add(Action<CampaignFigures> changed, Action left)
    {
        CampaignFigures? latest;
        lock (_lock)
        {
            _listeners.Add(changed);
            latest = _latest;
        }
        if (latest is not null)
            changed(latest);
        return new Subscription(() =>
        {
            lock (_lock)
                _listeners.Remove(changed);
            left();
        });
    }

    public Task Changed(string campaign, CampaignStats stats, CampaignStatus status)
    {
        Take(new CampaignFigures(stats, status, _clock.GetUtcNow()));
        return Task.CompletedTask;
    }

    public async Task Ask()
    {
        var campaign = Campaign;
        var stats = campaign.Stats();
        var status = campaign.Status();
        Take(new CampaignFigures(await stats, await status, _clock.GetUtcNow()));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _later?.Dispose();
            _later = null;
        }
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task Keep(CancellationToken stop)
    {
        // The cluster client holds observers weakly: this object must stay referenced, which the loop does.
        ICampaignObserver? self = null;
        DateTimeOffset renewed = default;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var now = _clock.GetUtcNow();
                if (now - renewed >= RenewEvery)
                {
                    self ??= _cluster.CreateObjectReference<ICampaignObserver>(this);
                    await Campaign.Subscribe(self);
                    renewed = now;
                }
                if (_latest is not { } latest || now - latest.At >= Tick)
                    await Ask();
            }
            catch (Exception failure)
            {
                // The pages show that their figures are getting old; the next tick tries again.
                LogSilence(_key, failure);
                renewed = default;
            }
            await Task.Delay(Tick, _clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (self is not null)
            await Forget(self);
    }

    private async Task Forget(ICampaignObserver self)
    {
        try
        {
            await Campaign.Unsubscribe(self);
            _cluster.DeleteObjectReference<ICampaignObserver>(self);
        }
        catch (Exception failure)
        {
            // The subscription expires by itself.
            LogSilence(_key, failure);
        }
    }

    private void Take(CampaignFigures figures)
    {
        lock (_lock)
        {
            _latest = figures;
            if (_later is not null || _stop.IsCancellationRequested)
                return;
            var wait = _delivered + Pace - _clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                _later = _clock.CreateTimer(_ => Deliver(), null, wait, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        Deliver();
    }

    private void Deliver()
    {
        CampaignFigures? figures;
        Action<CampaignFigures>[] listeners;
        lock (_lock)
        {
            _later?.Dispose();
            _later = null;
            _delivered = _clock.GetUtcNow();
            figures = _latest;
            listeners = [.. _listeners];
        }
        if (figures is null)
            return;
        foreach (var listener in listeners)
            listener(figures);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Campaign {Campaign} gives no figures to the pages at the moment")]
    private partial void LogSilence(string campaign, Exception failure);

    private sealed class Subscription(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
