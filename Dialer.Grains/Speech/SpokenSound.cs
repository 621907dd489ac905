namespace Dialer.Grains.Speech;

/// <summary>What is done to the sound of a clip so that clips of different origin follow each other well.</summary>
public static class SpokenSound
{
    // Speech on a telephone line lies about 20 dB below full scale; louder clips on G.711, softer drowns in noise.
    private const double TargetLevel = 0.1 * short.MaxValue;
    private const double HighestPeak = 0.89 * short.MaxValue;

    // A recording that needs more than 20 dB is mostly noise, which would come up with it.
    private const double MostGain = 10;

    private const int FrameSamples = PcmWav.SampleRate / 200;
    private const int Tail = PcmWav.SampleRate * 30 / 1000;

    // 40 dB below the loudest moment: below the softest consonants, above what an engine puts around them.
    private const double Quiet = 0.01;

    /// <summary>
    /// The same sound at the level of telephone speech: its spoken parts at 20 dB below full scale, if its peaks allow.
    /// Silence stays as it is.
    /// </summary>
    public static short[] EvenLevel(ReadOnlySpan<short> samples)
    {
        var level = SpokenLevel(samples);
        if (level == 0)
        {
            return samples.ToArray();
        }

        var gain = Math.Min(MostGain, Math.Min(TargetLevel / level, HighestPeak / Peak(samples)));
        var even = new short[samples.Length];
        for (var i = 0; i < even.Length; i++)
        {
            even[i] = (short)Math.Round(samples[i] * gain);
        }

        return even;
    }

    /// <summary>The same sound without the silence around it, but for 30 ms on each side where it has them.</summary>
    public static short[] TrimSilence(ReadOnlySpan<short> samples)
    {
        var levels = FrameLevels(samples);
        var threshold = Math.Max(1, levels.DefaultIfEmpty().Max() * Quiet);
        var first = levels.FindIndex(l => l >= threshold);
        if (first < 0)
        {
            return [];
        }

        var last = levels.FindLastIndex(l => l >= threshold);
        var start = Math.Max(0, first * FrameSamples - Tail);
        var end = Math.Min(samples.Length, (last + 1) * FrameSamples + Tail);
        return samples[start..end].ToArray();
    }

    /// <summary>The root mean square of the parts in which something is spoken, in samples (0 … 32 767).</summary>
    public static double SpokenLevel(ReadOnlySpan<short> samples)
    {
        var levels = FrameLevels(samples);
        var threshold = Math.Max(1, levels.DefaultIfEmpty().Max() * Quiet);
        var spoken = levels.Where(l => l >= threshold).Select(l => l * l).ToList();
        return spoken.Count == 0 ? 0 : Math.Sqrt(spoken.Average());
    }

    private static int Peak(ReadOnlySpan<short> samples)
    {
        var peak = 0;
        foreach (var sample in samples)
        {
            peak = Math.Max(peak, Math.Abs((int)sample));
        }

        return peak;
    }

    private static List<double> FrameLevels(ReadOnlySpan<short> samples)
    {
        var levels = new List<double>(samples.Length / FrameSamples + 1);
        for (var start = 0; start < samples.Length; start += FrameSamples)
        {
            var frame = samples[start..Math.Min(start + FrameSamples, samples.Length)];
            var energy = 0.0;
            foreach (var sample in frame)
            {
                energy += (double)sample * sample;
            }

            levels.Add(Math.Sqrt(energy / frame.Length));
        }

        return levels;
    }
}
