using System.Diagnostics;
using System.Globalization;
using Dialer.Benchmarks.Installation;

namespace Dialer.Benchmarks.Imports;

/// <summary>How long what people look at takes to answer, each path's longest time.</summary>
internal sealed class ReadTimes(DialerApi api, string campaign)
{
    private static readonly string[] s_paths =
    [
        "stats", "status", "contacts?limit=50", "contacts?limit=50&sort=-id", "contacts?limit=50&state=waiting", "attempts?limit=50", "lists",
    ];

    private readonly Dictionary<string, TimeSpan> _longest = s_paths.ToDictionary(path => path, _ => TimeSpan.Zero, StringComparer.Ordinal);

    /// <summary>The longest of all.</summary>
    public double LongestMs => Math.Round(_longest.Values.Max().TotalMilliseconds);

    /// <summary>The longest of one path.</summary>
    public double LongestMsOf(string path) => _longest[path].TotalMilliseconds;

    /// <summary>Asks for each once.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        foreach (var path in s_paths)
        {
            var clock = Stopwatch.StartNew();
            await api.GetAsync($"{campaign}/{path}", cancellationToken);
            _longest[path] = clock.Elapsed > _longest[path] ? clock.Elapsed : _longest[path];
        }
    }

    /// <summary>Asks again and again, twice a second, until it is cancelled.</summary>
    public async Task AskUntilAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            do
            {
                await AskAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Enough was seen.
        }
    }

    public override string ToString() => string.Join(
        ", ", _longest.Select(path => string.Create(CultureInfo.InvariantCulture, $"{path.Key} {path.Value.TotalMilliseconds:0} ms")));
}
