using System.Collections.Concurrent;
using Dialer.Ari;
using Dialer.Tests.Fakes;
using Xunit;

namespace Dialer.Tests.Ari;

/// <summary>Keeps what a connection delivers, and lets a test wait for it.</summary>
internal sealed class RecordingSink : IAriSink
{
    private readonly Lock _gate = new();
    private readonly List<object> _seen = [];
    private readonly List<(Func<object, bool> Fits, TaskCompletionSource<object> Signal)> _waiting = [];

    public Func<AriEvent, bool> Throws { get; set; } = _ => false;

    public ConcurrentQueue<AriConnectionInfo> Connections { get; } = new();

    public IReadOnlyList<AriEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen.OfType<AriEvent>()];
            }
        }
    }

    public void Connected(AriConnectionInfo info)
    {
        Connections.Enqueue(info);
        Add(info);
    }

    public void Disconnected(Exception? reason) => Add(new Lost(reason));

    public void Received(AriEvent e)
    {
        Add(e);
        if (Throws(e))
        {
            throw new InvalidOperationException("The sink of this test throws on purpose.");
        }
    }

    /// <summary>The first <typeparamref name="T"/> that fits, past or to come.</summary>
    public async Task<T> WaitAsync<T>(Func<T, bool>? fits = null, int nth = 1)
    {
        var signal = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = nth;
        bool Fits(object seen) => seen is T t && (fits is null || fits(t)) && --left == 0;
        lock (_gate)
        {
            if (_seen.FirstOrDefault(Fits) is { } seen)
            {
                return (T)seen;
            }

            _waiting.Add((Fits, signal));
        }

        try
        {
            return (T)await signal.Task.WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"No {typeof(T).Name} came; seen: {string.Join(", ", Events.Select(x => x.Type))}.", e);
        }
    }

    private void Add(object seen)
    {
        lock (_gate)
        {
            _seen.Add(seen);
            foreach (var waiting in _waiting.FindAll(w => w.Fits(seen)))
            {
                _waiting.Remove(waiting);
                waiting.Signal.TrySetResult(seen);
            }
        }
    }

    internal sealed record Lost(Exception? Reason);
}

/// <summary>A fake Asterisk and a connection to it.</summary>
internal sealed class AriRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private AriRig(FakeAsterisk fake, AriOptions options, RecordingSink sink)
    {
        Fake = fake;
        Sink = sink;
        Connection = new AriConnection(options, sink);
    }

    public FakeAsterisk Fake { get; }

    public RecordingSink Sink { get; }

    public AriConnection Connection { get; }

    public Task Running { get; private set; } = Task.CompletedTask;

    public static AriOptions OptionsFor(FakeAsterisk fake) => new()
    {
        BaseUri = fake.BaseUri,
        User = FakeAsterisk.User,
        Password = FakeAsterisk.Password,
        Application = "dialer",
        MinBackoff = TimeSpan.FromMilliseconds(10),
        MaxBackoff = TimeSpan.FromMilliseconds(50),
    };

    public static async Task<AriRig> StartAsync(
        Func<AriOptions, AriOptions>? change = null, TimeProvider? time = null, Action<FakeAsterisk>? prepare = null)
    {
        var fake = await FakeAsterisk.CreateAsync(time);
        fake.AnyEndpoint = true;
        prepare?.Invoke(fake);
        var rig = new AriRig(fake, change?.Invoke(OptionsFor(fake)) ?? OptionsFor(fake), new RecordingSink());
        rig.Running = rig.Connection.RunAsync(rig._stop.Token);
        await rig.Connection.WaitConnectedAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));
        // The sink is told a moment later.
        await rig.Sink.WaitAsync<AriConnectionInfo>();
        return rig;
    }

    public Task<AriResult<AriChannel>> CallAsync(string number, string channelId = "call-1", TimeSpan? timeout = null) =>
        Connection.Channels.OriginateAsync(
            new() { Endpoint = $"PJSIP/{number}@trunk", ChannelId = channelId, Timeout = timeout, AppArgs = "a,b" }, TestContext.Current.CancellationToken);

    /// <summary>Calls a number and waits until it is in the application.</summary>
    public async Task<AriChannel> AnsweredAsync(string number = "79990000001", string channelId = "call-1")
    {
        Assert.True((await CallAsync(number, channelId)).IsSuccess);
        return (await Sink.WaitAsync<StasisStart>(e => e.ChannelId == channelId)).Channel;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Fake.DisposeAsync();
        _stop.Dispose();
    }
}
