using System.Buffers.Binary;

namespace Dialer.Benchmarks.Calls;

/// <summary>Short sounds: made, and found again in what was heard. 8,000 samples of 16 bits a second, mono.</summary>
internal static class Clip
{
    private const int Rate = 8000;
    private const int Header = 44;
    private const int Loud = 500;

    /// <summary>A WAV file of a 440 Hz tone, or of silence.</summary>
    public static byte[] Wav(TimeSpan length, bool silent)
    {
        var samples = (int)(length.TotalSeconds * Rate);
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(Header - 8 + (samples * 2));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(Rate);
        writer.Write(Rate * 2);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(samples * 2);
        for (var i = 0; i < samples; i++)
        {
            writer.Write(silent ? (short)0 : (short)(8000 * Math.Cos(2 * Math.PI * 440 * i / Rate)));
        }

        return file.ToArray();
    }

    /// <summary>From the beginning of a recording to its first sound; null where it has none.</summary>
    public static TimeSpan? FirstSound(string path)
    {
        var samples = File.ReadAllBytes(path).AsSpan(Header);
        for (var i = 0; i + 1 < samples.Length; i += 2)
        {
            if (Math.Abs((int)BinaryPrimitives.ReadInt16LittleEndian(samples[i..])) > Loud)
            {
                return TimeSpan.FromSeconds(i / 2.0 / Rate);
            }
        }

        return null;
    }
}
