using Dialer.Grains.Speech;

namespace Dialer.Benchmarks.Calls;

/// <summary>Short sounds to play.</summary>
internal static class Clip
{
    /// <summary>The tone's.</summary>
    public const double Hertz = 440;

    /// <summary>A WAV file of a 440 Hz tone, or of silence.</summary>
    public static byte[] Wav(TimeSpan length, bool silent)
    {
        var samples = new short[(int)(length.TotalSeconds * PcmWav.SampleRate)];
        for (var i = 0; !silent && i < samples.Length; i++)
        {
            samples[i] = (short)(8000 * Math.Cos(2 * Math.PI * Hertz * i / PcmWav.SampleRate));
        }

        return PcmWav.Write(samples);
    }
}
