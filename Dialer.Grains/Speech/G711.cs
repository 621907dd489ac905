namespace Dialer.Grains.Speech;

/// <summary>
/// The two codes of ITU-T G.711 that telephone lines speak, 8 bits a sample. Clips are stored in both, so that Asterisk
/// plays them without computing anything per call.
/// </summary>
public static class G711
{
    private const int MuBias = 132;
    private const int MuClip = 32635;

    private static readonly short[] ALawValues = Values(ALawValue);
    private static readonly short[] MuLawValues = Values(MuLawValue);

    // By the sample as an unsigned number.
    private static readonly byte[] ALawCodes = Codes(ALaw);
    private static readonly byte[] MuLawCodes = Codes(MuLaw);

    public static byte[] EncodeALaw(ReadOnlySpan<short> samples) => Encode(samples, ALawCodes);

    public static byte[] EncodeMuLaw(ReadOnlySpan<short> samples) => Encode(samples, MuLawCodes);

    public static short[] DecodeALaw(ReadOnlySpan<byte> code) => Decode(code, ALawValues);

    public static short[] DecodeMuLaw(ReadOnlySpan<byte> code) => Decode(code, MuLawValues);

    // 13 bits: sign, 3 bits of segment (the place of the highest bit), 4 bits of what follows; even bits are inverted.
    private static byte ALaw(short sample)
    {
        var negative = sample < 0;
        var size = (negative ? ~sample : sample) >> 4;
        var segment = Math.Max(0, HighestBit(size) - 3);
        var code = segment == 0 ? size : (segment << 4) | ((size >> (segment - 1)) & 15);
        return (byte)((code | (negative ? 0 : 0x80)) ^ 0x55);
    }

    private static short ALawValue(byte code)
    {
        var plain = code ^ 0x55;
        var segment = (plain >> 4) & 7;
        var size = ((plain & 15) << 4) + 8;
        if (segment > 0)
        {
            size = (size + 256) << (segment - 1);
        }

        return (short)((plain & 0x80) != 0 ? size : -size);
    }

    // 14 bits: a bias makes the segments begin at powers of two; all bits are inverted.
    private static byte MuLaw(short sample)
    {
        var negative = sample < 0;
        var size = Math.Min(negative ? -sample : sample, MuClip) + MuBias;
        var segment = HighestBit(size) - 7;
        return (byte)~((negative ? 0x80 : 0) | (segment << 4) | ((size >> (segment + 3)) & 15));
    }

    private static short MuLawValue(byte code)
    {
        var plain = (byte)~code;
        var size = ((((plain & 15) << 3) + MuBias) << ((plain >> 4) & 7)) - MuBias;
        return (short)((plain & 0x80) != 0 ? -size : size);
    }

    private static int HighestBit(int value) => System.Numerics.BitOperations.Log2((uint)value | 1);

    private static short[] Values(Func<byte, short> value) =>
        [.. Enumerable.Range(0, 256).Select(code => value((byte)code))];

    private static byte[] Codes(Func<short, byte> code) =>
        [.. Enumerable.Range(0, 65536).Select(sample => code((short)sample))];

    private static byte[] Encode(ReadOnlySpan<short> samples, byte[] codes)
    {
        var coded = new byte[samples.Length];
        for (var i = 0; i < coded.Length; i++)
        {
            coded[i] = codes[(ushort)samples[i]];
        }

        return coded;
    }

    private static short[] Decode(ReadOnlySpan<byte> code, short[] values)
    {
        var samples = new short[code.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = values[code[i]];
        }

        return samples;
    }
}
