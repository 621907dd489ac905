using System.Buffers.Binary;

namespace Dialer.Tests.Infrastructure;

/// <summary>What somebody on the telephone network heard: mono, 16 bits.</summary>
public sealed class Recording
{
    private readonly short[] _samples;
    private readonly int _rate;

    private Recording(short[] samples, int rate) => (_samples, _rate) = (samples, rate);

    public TimeSpan Duration => TimeSpan.FromSeconds((double)_samples.Length / _rate);

    /// <summary>8,000 a second.</summary>
    public short[] Samples => [.. _samples];

    /// <summary>Nothing but silence.</summary>
    public bool IsSilent => _samples.All(sample => Math.Abs(sample) < 100);

    public static Recording Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 44 || !bytes.AsSpan(0, 4).SequenceEqual("RIFF"u8))
        {
            throw new FormatException($"{path} is not a WAV file.");
        }

        var rate = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24));
        var samples = new short[(bytes.Length - 44) / 2];
        Buffer.BlockCopy(bytes, 44, samples, 0, samples.Length * 2);
        return new Recording(samples, rate);
    }

    /// <summary>
    /// For how long a tone of this frequency was the greater part of what was heard, in steps of 100 ms (Goertzel's
    /// algorithm on each step).
    /// </summary>
    public TimeSpan Heard(double hertz)
    {
        var length = _rate / 10;
        var steps = _samples.Chunk(length).Count(step => step.Length == length && IsMostly(step, hertz));
        return TimeSpan.FromMilliseconds(100 * steps);
    }

    private bool IsMostly(short[] step, double hertz)
    {
        var factor = 2 * Math.Cos(2 * Math.PI * hertz / _rate);
        double before = 0, last = 0, energy = 0;
        foreach (var sample in step)
        {
            (before, last) = (last, sample + (factor * last) - before);
            energy += (double)sample * sample;
        }

        var tone = (before * before) + (last * last) - (factor * before * last);
        // A pure tone of this frequency gives energy * length / 2.
        return energy / step.Length > 10_000 && tone > 0.5 * energy * step.Length / 2;
    }
}
