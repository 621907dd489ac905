using System.Collections.Concurrent;

namespace Dialer.Grains.Reports;

/// <summary>Something that a grain of this silo holds now.</summary>
public enum Figure
{
    /// <summary>Lines of a trunk.</summary>
    TrunkLines,
    /// <summary>Permits of a trunk that are out: lines in use.</summary>
    TrunkLinesInUse,
    /// <summary>Claimed contacts of a campaign that wait for a line.</summary>
    CampaignBuffer,
    /// <summary>Callers that wait in an operator queue.</summary>
    QueueCallers,
}

/// <summary>
/// Figures that grains of this silo hold, for <c>/metrics</c>. A grain shows how to read its own while it is awake; they are read from
/// another thread without stopping it, so only what can be read at any time (a count) may be shown.
/// </summary>
public sealed class LiveFigures
{
    private readonly ConcurrentDictionary<(Figure Figure, string Key), Func<int>> _shown = new();

    /// <summary>Shows a figure of the grain of this key (<c>tenant/id</c>), in the place of its last activation's.</summary>
    public void Show(Figure figure, string key, Func<int> read) => _shown[(figure, key)] = read;

    /// <summary>The grain sleeps or is elsewhere.</summary>
    public void Hide(Figure figure, string key) => _shown.TryRemove((figure, key), out _);

    /// <summary>All that is shown now.</summary>
    public IReadOnlyList<(Figure Figure, string Key, int Value)> Read() => [.. _shown.Select(f => (f.Key.Figure, f.Key.Key, f.Value()))];
}
