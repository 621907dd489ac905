using Dialer.Grains.Calls;
using Dialer.Grains.Reports;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Brings the events of each call to its grain in Asterisk's order: one lane per call, the next ones only after those before were
/// taken. (Un-awaited calls keep their order nearly always; nearly is not enough for «answered» and «gone».) What only announces another
/// event travels with it, which halves the calls to grains.
/// </summary>
/// <param name="deliver">Brings events to the call with that key.</param>
internal sealed partial class EventRouter(Func<string, IReadOnlyList<CallEvent>, Task> deliver, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closing;

    /// <summary>Calls with events under way.</summary>
    public int Lanes
    {
        get
        {
            lock (_lanes)
                return _lanes.Count;
        }
    }

    public void Route(string key, CallEvent happened)
    {
        lock (_lanes)
        {
            if (!_lanes.TryGetValue(key, out var lane))
                _lanes[key] = lane = new Lane(key);
            lane.Waiting.Enqueue(happened);
            if (happened.IsAnnouncement)
                return;
            Start(lane);
        }
    }

    /// <summary>Ends when every event that was routed has reached its call. Called when no more will come.</summary>
    public Task EmptyAsync()
    {
        DeliverAnnouncements();
        lock (_lanes)
        {
            _closing = true;
            return _lanes.Count == 0 ? Task.CompletedTask : _empty.Task;
        }
    }

    /// <summary>Delivers announcements whose event has not come: it was lost, and reconciliation will tell.</summary>
    public void DeliverAnnouncements()
    {
        lock (_lanes)
            foreach (var lane in _lanes.Values)
                Start(lane);
    }

    private void Start(Lane lane)
    {
        if (lane.Runs)
            return;
        lane.Runs = true;
        _ = Task.Run(() => RunLane(lane));
    }

    private async Task RunLane(Lane lane)
    {
        while (Take(lane) is { } events)
            await Deliver(lane.Key, events);
    }

    /// <summary>The next events up to one that must not be taken twice; null where none waits, which ends the lane.</summary>
    private List<CallEvent>? Take(Lane lane)
    {
        lock (_lanes)
        {
            if (lane.Waiting.Count == 0)
            {
                _lanes.Remove(lane.Key);
                if (_closing && _lanes.Count == 0)
                    _empty.TrySetResult();
                return null;
            }

            var events = new List<CallEvent>(lane.Waiting.Count);
            do
                events.Add(lane.Waiting.Dequeue());
            while (events[^1].IsHarmless && lane.Waiting.Count > 0);
            return events;
        }
    }

    private async Task Deliver(string key, List<CallEvent> events)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await deliver(key, events);
                return;
            }
            // Whatever a grain call can throw, the lane must go on; reconciliation mends what is given up here.
            catch (Exception e)
            {
                DialerMetrics.GrainCallFailed("event");
                if (attempt == Pauses.Length)
                {
                    LogGivenUp(e, events[^1].Kind, key);
                    return;
                }

                await Task.Delay(Pauses[attempt], time);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Kind} did not reach call {Call}; reconciliation will find out how it stands")]
    private partial void LogGivenUp(Exception error, CallEventKind kind, string call);

    /// <summary>What waits for one call. Guarded by the lock on all lanes.</summary>
    private sealed class Lane(string key)
    {
        public string Key { get; } = key;

        public Queue<CallEvent> Waiting { get; } = new();

        public bool Runs { get; set; }
    }
}
