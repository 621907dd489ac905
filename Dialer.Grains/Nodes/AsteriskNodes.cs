using Dialer.Grains.Interfaces.Nodes;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// The configured nodes, and which of them can take a call. One per silo; a watchdog keeps it current, and in between it counts what
/// this silo itself has begun and ended: a burst between two beats must not all go to one node, nor beyond its capacity.
/// </summary>
public sealed class AsteriskNodes(IReadOnlyList<NodeSettings> settings, IGrainFactory grains, ILocalSiloDetails? silo = null)
{
    // A call whose node is heard elsewhere costs this cluster half as much again: so much more must be free there.
    private const double Nearness = 0.05;

    private readonly string? _here = silo?.SiloAddress.ToParsableString();
    private readonly Entry[] _entries = [.. settings.Select(s => new Entry(s))];
    private readonly Lock _lock = new();
    private int _turn;
    private bool _closed;

    private sealed class Entry(NodeSettings settings)
    {
        public NodeSettings Settings { get; } = settings;
        public NodeStatus Status { get; set; } = new(settings.Id, false, null, 0, "not connected yet");
        public CallCount Calls { get; } = new();
        public bool TakesCalls => Status is { Connected: true, Draining: false };
        public bool IsAt(string? silo) => silo is not null && Status.Silo == silo;
        public double Free => 1.0 - (double)Calls.Now / Settings.Capacity;
    }

    /// <summary>Ids of all configured nodes.</summary>
    public IReadOnlyList<string> Ids { get; } = [.. settings.Select(s => s.Id)];

    /// <summary>The configuration of a node; null where it is not configured here.</summary>
    public NodeSettings? Settings(string id) => Find(id)?.Settings;

    /// <summary>The grain of a node.</summary>
    public IAsteriskNodeGrain Get(string id) => grains.GetGrain<IAsteriskNodeGrain>(id);

    /// <summary>What was last heard of each node.</summary>
    public IReadOnlyList<NodeStatus> Known
    {
        get
        {
            lock (_lock)
                return [.. _entries.Select(e => e.Status)];
        }
    }

    /// <summary>Takes note of a node's state.</summary>
    public void Note(NodeStatus status)
    {
        lock (_lock)
            if (Find(status.Id) is { } entry)
            {
                entry.Status = status;
                entry.Calls.Counted(status.Calls);
            }
    }

    /// <summary>Takes note that a node can't be asked; what else was known of it stays.</summary>
    public void NoteAway(string id, string problem)
    {
        lock (_lock)
            if (Find(id) is { } entry)
                entry.Status = entry.Status with { Connected = false, Problem = problem };
    }

    /// <summary>This silo is about to stop: it gives no more calls to any node.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>
    /// The node for one more call, which then counts as begun: connected, not drained, with most free capacity, where nodes whose socket
    /// is on this silo have a small advantage (equals in turn). Null where there is none.
    /// </summary>
    /// <param name="unreachable">Nodes that can't reach the call's gateway; taken only where no other node takes calls at all.</param>
    public string? Take(IReadOnlyCollection<string>? unreachable = null)
    {
        lock (_lock)
        {
            var best = Best(unreachable);
            best?.Calls.Began();
            return best?.Settings.Id;
        }
    }

    /// <summary>A call of this silo on that node is over, or never came to be.</summary>
    public void Left(string id) => Find(id)?.Calls.Ended();

    /// <summary>Why <see cref="Take"/> finds no node, in words; null where it finds one.</summary>
    /// <param name="unreachable">As there.</param>
    public string? WhyNone(IReadOnlyCollection<string>? unreachable = null)
    {
        lock (_lock)
            return Best(unreachable) is not null ? null
                : _entries.Any(e => e.TakesCalls) ? "every node has as many calls as it may have"
                : _entries.FirstOrDefault(e => !e.Status.Draining)?.Status.Problem
                    ?? (_entries.Any(e => e.Status.Draining) ? "every node that is connected is being drained" : "none is connected");
    }

    /// <summary>Tells nodes, side by side. Does not fail.</summary>
    /// <returns>Those that did not answer: they may have lost the message, and go on as they were.</returns>
    public async Task<IReadOnlyCollection<string>> TellAsync(IReadOnlyCollection<string> ids, Func<IAsteriskNodeGrain, Task> tell, ILogger logger)
    {
        return [.. (await Task.WhenAll(ids.Select(UnheardAsync))).OfType<string>()];

        async Task<string?> UnheardAsync(string id)
        {
            try
            {
                await tell(Get(id));
                return null;
            }
            catch (Exception e)
            {
                logger.LogWarning("Node {Node} was not told of a change and is told again: {Reason}", id, e.Message);
                return id;
            }
        }
    }

    private Entry? Find(string id) => Array.Find(_entries, e => e.Settings.Id == id);

    private Entry? Best(IReadOnlyCollection<string>? unreachable)
    {
        if (_closed)
            return null;
        // The usual case first, and without an enumerator: this runs for every call and every grant.
        var reach = unreachable is { Count: > 0 } && Array.Exists(_entries, e => e.TakesCalls && !unreachable.Contains(e.Settings.Id));
        Entry? best = null;
        var first = _turn++ & int.MaxValue;
        for (var i = 0; i < _entries.Length; i++)
        {
            var entry = _entries[(first + i) % _entries.Length];
            if (entry.TakesCalls && entry.Free > 0 && !(reach && unreachable!.Contains(entry.Settings.Id))
                && (best is null || Rank(entry) > Rank(best)))
                best = entry;
        }

        return best;
    }

    // Differences of less than a hundredth are none, or two nodes would not take turns.
    private double Rank(Entry entry) => Math.Round(entry.Free, 2) + (entry.IsAt(_here) ? Nearness : 0);
}
