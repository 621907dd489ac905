using System.Globalization;
using System.Text.Json.Nodes;

namespace Dialer.Tests.Fakes;

/// <summary>
/// A scripted Asterisk: the real ARI paths over HTTP and over the event socket, on a free port of 127.0.0.1. Its far ends
/// behave as told by number, its events come in the order and with the causes seen on Asterisk 22.10. Times run on the
/// given clock; everything else happens at once.
/// </summary>
public sealed partial class FakeAsterisk : IAsyncDisposable
{
    public const string User = "dialer";
    public const string Password = "example";

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<string, FakeChannel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeBridge> _bridges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakePlayback> _playbacks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> _config = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<Subscriber>> _scripts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _mostChannels = new(StringComparer.Ordinal);
    private readonly List<FakeRequest> _requests = [];
    private readonly List<FakeOriginate> _originates = [];
    private readonly List<FakePlay> _plays = [];
    private readonly List<(Func<bool> Met, TaskCompletionSource Signal)> _waiting = [];
    private int _serial;
    private DateTimeOffset? _due;

    private FakeAsterisk(TimeProvider time)
    {
        _time = time;
        StartedAt = time.GetUtcNow();
    }

    /// <summary>The ARI root, for <c>AriOptions.BaseUri</c>. Stays the same over <see cref="StopAsync"/> and <see cref="StartAsync"/>.</summary>
    public Uri BaseUri => new($"http://127.0.0.1:{_port}/ari/");

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>Whether requests over the event socket are answered; an older Asterisk does not look at them.</summary>
    public bool AnswersOverSocket { get; set; } = true;

    /// <summary>New connections and HTTP requests are turned away with 503.</summary>
    public bool RefuseConnections { get; set; }

    /// <summary>So many sockets to come are open and never get an event, see <see cref="TakeDown"/>.</summary>
    public int OpensDeaf { get; set; }

    /// <summary>Whether its dial plan has the context in which calls wait that are answered while nobody listens.</summary>
    public bool LetsAnsweredWait { get; set; } = true;

    /// <summary>Endpoints that were never configured can be called, too.</summary>
    public bool AnyEndpoint { get; set; }

    /// <summary>What a number does that has no script. Default: answers and stays.</summary>
    public Subscriber DefaultSubscriber { get; set; } = Subscriber.Answers();

    /// <summary>How long a medium plays; null: until <see cref="FinishPlayback"/>. Default: no time at all.</summary>
    public Func<string, TimeSpan?> PlaybackDuration { get; set; } = _ => TimeSpan.Zero;

    /// <summary>Media that cannot be played. Default: none.</summary>
    public Func<string, bool> PlaybackFails { get; set; } = _ => false;

    /// <summary>What it says of an endpoint that is configured. Default: online.</summary>
    public Func<string, string> EndpointState { get; set; } = _ => "online";

    /// <summary>Answers a request in place of the fake; null to let the fake answer.</summary>
    public Func<FakeRequest, FakeReply?>? Intercept { get; set; }

    /// <summary>Requests that are carried out, and whose answers never come.</summary>
    public Func<FakeRequest, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Starts a fake on a free port.</summary>
    public static async Task<FakeAsterisk> CreateAsync(TimeProvider? time = null)
    {
        var fake = new FakeAsterisk(time ?? TimeProvider.System);
        await fake.StartAsync();
        return fake;
    }

    /// <summary>How the far end of a number (or a phone, by its endpoint id) behaves; several: one call each, the last one stays.</summary>
    public void Script(string number, params Subscriber[] subscribers)
    {
        lock (_gate)
        {
            _scripts[number] = new Queue<Subscriber>(subscribers);
        }
    }

    /// <summary>Objects that were configured while it runs, by <c>type/id</c>, such as <c>endpoint/trunk-main</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> DynamicConfig => Locked(() =>
        _config.ToDictionary(c => c.Key, c => (IReadOnlyDictionary<string, string>)new Dictionary<string, string>(c.Value), StringComparer.Ordinal));

    public IReadOnlyList<FakeRequest> Requests => Locked(() => _requests.ToArray());

    public IReadOnlyList<FakeOriginate> Originates => Locked(() => _originates.ToArray());

    public IReadOnlyList<FakePlay> Plays => Locked(() => _plays.ToArray());

    public IReadOnlyList<FakeChannel> Channels => Locked(() => _channels.Values.ToArray());

    /// <summary>Ids of the channels in a bridge; null where there is no such bridge.</summary>
    public IReadOnlyList<string>? ChannelsIn(string bridgeId) => Locked(() => _bridges.GetValueOrDefault(bridgeId)?.Channels.ToArray());

    public IReadOnlyList<string> Bridges => Locked(() => _bridges.Keys.ToArray());

    public FakeChannel? Channel(string id) => Locked(() => _channels.GetValueOrDefault(id));

    /// <summary>The most channels that an endpoint ever had at once.</summary>
    public int MostChannels(string endpoint) => Locked(() => _mostChannels.GetValueOrDefault(endpoint));

    /// <summary>The first request that fits, past or to come.</summary>
    public async Task<FakeRequest> WaitForAsync(Func<FakeRequest, bool> fits, TimeSpan timeout, string what = "a request")
    {
        await WaitUntilAsync(() => _requests.Any(fits), timeout, what);
        return Locked(() => _requests.First(fits));
    }

    /// <summary>The call to a number: the first one, or a later one.</summary>
    public async Task<FakeOriginate> WaitForCallAsync(string number, TimeSpan timeout, int nth = 1)
    {
        await WaitUntilAsync(() => _originates.Count(o => o.Number == number) >= nth, timeout, $"call {nth} to {number}");
        return Locked(() => _originates.Where(o => o.Number == number).ElementAt(nth - 1));
    }

    /// <summary>Waits (in real time) for something to be so; looked at after each change of the fake.</summary>
    public async Task WaitUntilAsync(Func<bool> met, TimeSpan timeout, string what)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (met())
            {
                return;
            }

            _waiting.Add((met, signal));
        }

        try
        {
            await signal.Task.WaitAsync(timeout);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"Within {timeout} the fake Asterisk did not see {what}. Its last requests: {string.Join(", ", Requests.TakeLast(10))}.", e);
        }
    }

    public static string Format(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture);

    /// <summary>When what happens now was due, or the clock.</summary>
    private DateTimeOffset Now => _due ?? _time.GetUtcNow();

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    /// <summary>Does something and tells those who wait for a change.</summary>
    private void Change(Action action)
    {
        lock (_gate)
        {
            action();
            foreach (var waiting in _waiting.FindAll(w => w.Met()))
            {
                _waiting.Remove(waiting);
                waiting.Signal.TrySetResult();
            }
        }
    }

    /// <summary>
    /// Does something after a time on the fake's clock; at once where the time is over. A script counts from the moment that a
    /// step was due, not from the one to which a test moved its clock in one go.
    /// </summary>
    private ITimer? Later(TimeSpan time, Action action)
    {
        var due = Now + time;
        var wait = due - _time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            At(due, action);
            return null;
        }

        return _time.CreateTimer(_ => Change(() => At(due, action)), null, wait, Timeout.InfiniteTimeSpan);
    }

    private void At(DateTimeOffset due, Action action)
    {
        var before = _due;
        _due = due;
        action();
        _due = before;
    }

    private void Emit(string app, string type, Action<JsonObject> fill)
    {
        var e = new JsonObject { ["type"] = type, ["timestamp"] = Format(Now), ["application"] = app, ["asterisk_id"] = "02:00:00:00:00:01" };
        fill(e);
        if (_sockets.TryGetValue(app, out var socket) && socket.Wants(type))
        {
            socket.Queue(e);
        }
    }
}
