using System.Buffers.Binary;

namespace Dialer.Benchmarks.Calls;

/// <summary>Short sounds. 8,000 samples of 16 bits a second, mono.</summary>
internal static class Clip
{
    private const int Rate = 8000;
    private const int Header = 44;

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
}
