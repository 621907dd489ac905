namespace Dialer.Simulation.Scripts;

/// <summary>How long a medium plays: by the script, or by the file that Asterisk would play.</summary>
internal sealed class MediaLengths(Script script, Random random)
{
    // RIFF header; then 16 bit samples at 8 kHz.
    private const int Header = 44;
    private const double BytesPerSecond = 16_000;

    private readonly Dictionary<string, Duration> _known = new(StringComparer.Ordinal);

    public TimeSpan Of(string media)
    {
        if (!_known.TryGetValue(media, out var duration))
        {
            duration = script.Media.FirstOrDefault(rule => media.Contains(rule.Contains, StringComparison.Ordinal))?.Lasts
                ?? OfFile(media) ?? script.OtherMedia;
            _known[media] = duration;
        }

        return duration.Draw(random);
    }

    private static Duration? OfFile(string media)
    {
        var file = new FileInfo(media[(media.IndexOf(':', StringComparison.Ordinal) + 1)..] + ".wav");
        return file.Exists && Math.Max(0, file.Length - Header) / BytesPerSecond is var seconds ? new Duration(seconds, seconds, false) : null;
    }
}
