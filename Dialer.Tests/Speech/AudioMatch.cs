using System.Numerics;
using System.Runtime.InteropServices;

namespace Dialer.Tests.Speech;

/// <summary>
/// Measures whether clips are heard in a recording, in their order. Each clip is cut into pieces of 0.2 s, which are
/// compared with every place of the recording (normalised cross-correlation, so loudness does not matter), and the
/// best chain of places is taken in which pieces follow each other and clips lie at most <see cref="LongestGap"/> apart.
/// </summary>
public static class AudioMatch
{
    /// <summary>The most that may lie between two clips.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromMilliseconds(400);

    // Half of the 8 kHz: what distinguishes words lies below 2 kHz, and it costs a quarter.
    private const int Rate = 4000;
    private const int PieceSamples = Rate / 5;
    private const int GapBetween = 400 * Rate / 1000;

    // Lost or late packets move the rest of a clip by some 20 ms frames, back or forth.
    private const int GapInside = 60 * Rate / 1000;
    private const int Overlap = 20 * Rate / 1000;

    /// <summary>0 … 1: how well the worst of the clips is heard. One wrong word makes a wrong phrase.</summary>
    public static double Score(short[] recording, IReadOnlyList<short[]> clipsInOrder) =>
        Scores(recording, clipsInOrder).Min();

    /// <summary>0 … 1 for each clip: how well it is heard at its place in the order.</summary>
    public static IReadOnlyList<double> Scores(short[] recording, IReadOnlyList<short[]> clipsInOrder)
    {
        var heard = Halved(recording);
        var pieces = clipsInOrder.SelectMany((clip, i) => Pieces(Halved(clip), i)).ToList();
        var places = heard.Length;
        var best = new float[places];
        var cameFrom = new int[pieces.Count][];
        var alike = new float[pieces.Count][];
        for (var p = 0; p < pieces.Count; p++)
        {
            alike[p] = Alike(heard, pieces[p].Samples);
            cameFrom[p] = new int[places];
            var before = p == 0 ? null : pieces[p - 1];
            best = Chain(best, before?.Samples.Length ?? 0, before?.Clip == pieces[p].Clip ? GapInside : GapBetween,
                alike[p], pieces[p].Energy, cameFrom[p], first: p == 0);
        }

        var at = Array.IndexOf(best, best.Max());
        var sums = new double[clipsInOrder.Count];
        var energies = new double[clipsInOrder.Count];
        for (var p = pieces.Count - 1; p >= 0; p--)
        {
            sums[pieces[p].Clip] += alike[p][at] * pieces[p].Energy;
            energies[pieces[p].Clip] += pieces[p].Energy;
            at = cameFrom[p][at];
        }

        return [.. sums.Zip(energies, (sum, energy) => Math.Clamp(sum / energy, 0, 1))];
    }

    /// <summary>For each place, the best chain that ends with this piece beginning there.</summary>
    private static float[] Chain(float[] before, int length, int gap, float[] alike, float energy, int[] cameFrom, bool first)
    {
        var best = new float[before.Length];
        var window = new LinkedList<int>();
        var next = 0;
        for (var at = 0; at < before.Length; at++)
        {
            if (first)
            {
                best[at] = alike[at] * energy;
                continue;
            }

            for (; next <= at - length + Overlap && next < before.Length; next++)
            {
                while (window.Last is { } last && before[last.Value] <= before[next])
                {
                    window.RemoveLast();
                }

                window.AddLast(next);
            }

            while (window.First is { } oldest && oldest.Value < at - length - gap)
            {
                window.RemoveFirst();
            }

            // No place to come from: such a chain must never win.
            cameFrom[at] = window.First?.Value ?? at;
            best[at] = window.First is { } from ? before[from.Value] + alike[at] * energy : float.MinValue / 2;
        }

        return best;
    }

    private static float[] Alike(float[] heard, float[] piece)
    {
        var alike = new float[heard.Length];
        var pieceEnergy = Dot(piece, piece);
        var sums = new double[heard.Length + 1];
        for (var i = 0; i < heard.Length; i++)
        {
            sums[i + 1] = sums[i] + (double)heard[i] * heard[i];
        }

        for (var at = 0; at + piece.Length <= heard.Length; at++)
        {
            var energy = sums[at + piece.Length] - sums[at];

            // Below about -66 dB is the rounding of the codec, not sound.
            if (energy > 16.0 * 16 * piece.Length)
            {
                alike[at] = (float)(Dot(heard.AsSpan(at, piece.Length), piece) / Math.Sqrt(energy * pieceEnergy));
            }
        }

        return alike;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var wideA = MemoryMarshal.Cast<float, Vector<float>>(a);
        var wideB = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < wideA.Length; i++)
        {
            sum += wideA[i] * wideB[i];
        }

        var total = Vector.Sum(sum);
        for (var i = wideA.Length * Vector<float>.Count; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }

    private static IEnumerable<Piece> Pieces(float[] clip, int number)
    {
        var count = Math.Max(1, clip.Length / PieceSamples);
        for (var i = 0; i < count; i++)
        {
            var samples = clip[(clip.Length * i / count)..(clip.Length * (i + 1) / count)];
            yield return new(number, samples, MathF.Sqrt(Math.Max(1, Dot(samples, samples))));
        }
    }

    private static float[] Halved(short[] samples)
    {
        var half = new float[samples.Length / 2];
        for (var i = 0; i < half.Length; i++)
        {
            // [1 2 1] / 4 keeps most of what lies above 2 kHz from folding down.
            half[i] = (samples[Math.Max(0, 2 * i - 1)] + 2f * samples[2 * i] + samples[2 * i + 1]) / 4;
        }

        return half;
    }

    private sealed record Piece(int Clip, float[] Samples, float Energy);
}
