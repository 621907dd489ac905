using System.Diagnostics;
using Dialer.Storage.Calls;

namespace Dialer.Grains.Calls;

/// <summary>
/// The part of a call that shows in its attempt's trace: a span for each event with all that comes of it, and one for each stage (ringing,
/// a step, the queue, the talk) as long as it lasted. A phone of the office that listens has no attempt, and no trace.
/// </summary>
public sealed partial class CallGrain
{
    // Lost with the activation: what comes later then stands beside it in the same trace.
    private ActivityContext _trace;
    private (string Name, string? Step, DateTimeOffset Since)? _stage;

    private Activity? StartTrace(string name)
    {
        if (!AttemptTraces.AreWatched || !CallNames.IsAttempt(Key))
            return null;
        var span = AttemptTraces.Start(name, Guid.Parse(Key), _trace);
        if (_trace == default && span is not null)
            _trace = span.Context;
        return span;
    }

    private Activity? StartTrace(CallEvent happened)
    {
        var span = AttemptTraces.AreWatched ? StartTrace($"event {happened.Kind}") : null;
        return span is { IsAllDataRequested: true }
            ? span.SetTag("dialer.source", happened.Source).SetTag("dialer.lag_ms", (time.GetUtcNow() - happened.At).TotalMilliseconds)
            : span;
    }

    private async Task Traced(string name, Func<Task> work)
    {
        using var span = StartTrace(name);
        await work();
    }

    /// <summary>The stage before is over and becomes a span; null where no other comes.</summary>
    private void EnterStage(string? name, string? step = null)
    {
        if (!AttemptTraces.AreWatched || _order is not { } order)
            return;
        var now = TimeProvider.System.GetUtcNow();
        if (_stage is { } before)
            AttemptTraces.Record(before.Name, order.Attempt, _trace, before.Since, now, before.Step);
        _stage = name is null ? null : (name, step, now);
    }
}
