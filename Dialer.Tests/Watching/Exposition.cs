using System.Globalization;
using System.Text.RegularExpressions;

namespace Dialer.Tests.Watching;

/// <summary>What <c>/metrics</c> says: samples in Prometheus' text format.</summary>
public sealed partial class Exposition
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    public Exposition(string text)
    {
        foreach (Match match in Sample().Matches(text))
            _samples.Add((match.Groups["name"].Value, match.Groups["labels"].Value, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
    }

    public IEnumerable<string> Names => _samples.Select(s => s.Name).Distinct(StringComparer.Ordinal);

    /// <summary>The sum of a metric's samples that carry all these labels (<c>trunk="main"</c>); null where there is none.</summary>
    public double? Sum(string name, params string[] labels)
    {
        var found = _samples.Where(s => s.Name == name && labels.All(l => s.Labels.Contains(l, StringComparison.Ordinal))).ToList();
        return found.Count == 0 ? null : found.Sum(s => s.Value);
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();
}
