namespace Dialer.Tests.Speech;

/// <summary>Measures whether a tone is heard in a recording (8 kHz), by Goertzel's filter over frames of 20 ms.</summary>
public static class ToneMatch
{
    private const int Rate = 8000;
    private const int Frame = Rate / 50;

    // Softer than 50 dB below full scale is line noise.
    private const double Quietest = 0.00316 * short.MaxValue;

    /// <summary>Whether the tone is heard without a break for at least that long.</summary>
    public static bool IsHeard(short[] recording, double hertz, TimeSpan atLeast) => Longest(recording, hertz) >= atLeast;

    /// <summary>The longest time without a break in which most of what is heard is this tone; in steps of 20 ms.</summary>
    public static TimeSpan Longest(short[] recording, double hertz)
    {
        int longest = 0, run = 0;
        for (var start = 0; start + Frame <= recording.Length; start += Frame)
        {
            run = IsTone(recording.AsSpan(start, Frame), hertz) ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return TimeSpan.FromMilliseconds(longest * 20);
    }

    private static bool IsTone(ReadOnlySpan<short> frame, double hertz)
    {
        var turn = 2 * Math.Cos(2 * Math.PI * hertz / Rate);
        double last = 0, beforeLast = 0, energy = 0;
        foreach (var sample in frame)
        {
            var now = sample + turn * last - beforeLast;
            (beforeLast, last) = (last, now);
            energy += (double)sample * sample;
        }

        // A pure tone of the frame's length gives power = energy * length / 2.
        var power = last * last + beforeLast * beforeLast - turn * last * beforeLast;
        return Math.Sqrt(energy / frame.Length) >= Quietest && power > 0.6 * energy * frame.Length / 2;
    }
}
