using Dialer.Grains.Calls;
using Dialer.Grains.Reports;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Brings the events of each call to its grain in Asterisk's order: one lane per call, the next event only after the one before was
/// taken. (Un-awaited calls keep their order nearly always; nearly is not enough for «answered» and «gone».)
/// </summary>
internal sealed partial class EventRouter(IGrainFactory grains, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    private readonly Dictionary<string, Queue<CallEvent>> _lanes = new(StringComparer.Ordinal);

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
            if (_lanes.TryGetValue(key, out var lane))
            {
                lane.Enqueue(happened);
                return;
            }

            _lanes[key] = new Queue<CallEvent>([happened]);
        }

        _ = Task.Run(() => RunLane(key));
    }

    private async Task RunLane(string key)
    {
        while (true)
        {
            CallEvent next;
            lock (_lanes)
            {
                if (!_lanes[key].TryDequeue(out next!))
                {
                    _lanes.Remove(key);
                    return;
                }
            }

            await Deliver(key, next);
        }
    }

    private async Task Deliver(string key, CallEvent happened)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await grains.GetGrain<ICallGrain>(key).Happened(happened);
                return;
            }
            // Whatever a grain call can throw, the lane must go on; reconciliation mends what is given up here.
            catch (Exception e)
            {
                DialerMetrics.GrainCallFailed("event");
                if (attempt == Pauses.Length)
                {
                    LogGivenUp(e, happened.Kind, key);
                    return;
                }

                await Task.Delay(Pauses[attempt], time);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Kind} did not reach call {Call}; reconciliation will find out how it stands")]
    private partial void LogGivenUp(Exception error, CallEventKind kind, string call);
}
