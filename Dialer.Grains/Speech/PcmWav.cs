using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dialer.Grains.Speech;

/// <summary>WAV files as the telephone network has sound: mono, 8 000 samples a second, 16 bits linear.</summary>
public static class PcmWav
{
    public const int SampleRate = 8000;

    /// <summary>The bytes in front of the samples in the files that <see cref="Write"/> makes.</summary>
    public const int HeaderBytes = 44;

    public static TimeSpan Duration(long samples) => TimeSpan.FromTicks(samples * TimeSpan.TicksPerSecond / SampleRate);

    /// <summary>A whole file around the samples.</summary>
    public static byte[] Write(ReadOnlySpan<short> samples)
    {
        var file = new byte[HeaderBytes + samples.Length * 2];
        "RIFF"u8.CopyTo(file);
        Put32(file, 4, file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        Put32(file, 16, 16);
        Put16(file, 20, 1);
        Put16(file, 22, 1);
        Put32(file, 24, SampleRate);
        Put32(file, 28, SampleRate * 2);
        Put16(file, 32, 2);
        Put16(file, 34, 16);
        "data"u8.CopyTo(file.AsSpan(36));
        Put32(file, 40, samples.Length * 2);
        CopyLowByteFirst(MemoryMarshal.AsBytes(samples), file.AsSpan(HeaderBytes));
        return file;
    }

    /// <summary>The samples of a file; chunks that are not sound are passed over.</summary>
    /// <exception cref="AudioException">It is not a WAV file, or not mono, 8 kHz, 16 bits.</exception>
    public static short[] Read(ReadOnlySpan<byte> file)
    {
        var described = false;
        foreach (var (name, start, length) in Chunks(file))
        {
            var chunk = file.Slice(start, length);
            if (name == "fmt " && length >= 16)
            {
                described = BinaryPrimitives.ReadInt16LittleEndian(chunk) == 1
                    && BinaryPrimitives.ReadInt16LittleEndian(chunk[2..]) == 1
                    && BinaryPrimitives.ReadInt32LittleEndian(chunk[4..]) == SampleRate
                    && BinaryPrimitives.ReadInt16LittleEndian(chunk[14..]) == 16;
            }
            else if (name == "data" && described)
            {
                return Samples(chunk);
            }
        }

        throw new AudioException(AudioFault.NotAudio, "This is not a WAV file of mono, 8 kHz, 16 bits linear sound.");
    }

    /// <summary>Samples without a header, low byte first.</summary>
    public static short[] Samples(ReadOnlySpan<byte> bytes)
    {
        var samples = new short[bytes.Length / 2];
        CopyLowByteFirst(bytes[..(samples.Length * 2)], MemoryMarshal.AsBytes(samples.AsSpan()));
        return samples;
    }

    /// <summary>
    /// Whether the header tells a length that cannot be true: programs that write into a pipe (espeak-ng among them) do not
    /// know it yet and put in the largest number.
    /// </summary>
    /// <param name="head">The first bytes of a WAV file.</param>
    /// <param name="fileLength">How long the whole file is, in bytes.</param>
    public static bool HasFalseLength(ReadOnlySpan<byte> head, long fileLength)
    {
        var at = head.IndexOf("data"u8);
        return at >= 0 && at + 8 <= head.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(head[(at + 4)..]) is var length
            && (length == 0 || at + 8 + (long)length > fileLength);
    }

    private static List<(string Name, int Start, int Length)> Chunks(ReadOnlySpan<byte> file)
    {
        var chunks = new List<(string, int, int)>();
        if (file.Length < 12 || !file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WAVE"u8))
        {
            return chunks;
        }

        var at = 12;
        while (at + 8 <= file.Length)
        {
            var name = System.Text.Encoding.ASCII.GetString(file.Slice(at, 4));
            var told = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            var length = (int)Math.Min(told, file.Length - at - 8);
            chunks.Add((name, at + 8, length));

            // Chunks begin on even places.
            at += 8 + length + length % 2;
        }

        return chunks;
    }

    private static void CopyLowByteFirst(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        if (!BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, short>(to);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    private static void Put16(byte[] file, int at, int value) =>
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(at), (short)value);

    private static void Put32(byte[] file, int at, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
}
