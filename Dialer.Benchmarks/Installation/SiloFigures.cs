using System.Globalization;

namespace Dialer.Benchmarks.Installation;

/// <summary>One look at what a silo says of itself at <c>/metrics</c>.</summary>
internal sealed class SiloFigures
{
    private readonly string[] _lines;

    private SiloFigures(string[] lines) => _lines = lines;

    public static async Task<SiloFigures> ReadAsync(HttpClient http, Uri silo, CancellationToken cancellationToken) =>
        new((await http.GetStringAsync(new Uri(silo, "/metrics"), cancellationToken)).Split('\n'));

    /// <summary>The sum of a metric over all its labels.</summary>
    /// <exception cref="InvalidOperationException">There is no such metric.</exception>
    public double Sum(string name)
    {
        var values = _lines.Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            .Select(line => double.Parse(line.Split(' ') is [.., var value] ? value : "", CultureInfo.InvariantCulture)).ToList();
        return values.Count > 0 ? values.Sum() : throw new InvalidOperationException($"The silo shows no metric «{name}».");
    }
}
