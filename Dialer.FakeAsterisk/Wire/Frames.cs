using System.Buffers.Binary;

namespace Dialer.Simulation.Wire;

/// <summary>Frames of a WebSocket (RFC 6455), as far as clients of ARI use them: whole messages.</summary>
internal static class Frames
{
    public const byte Text = 1;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    private const byte Final = 0x80;
    private const byte Masked = 0x80;
    private const int Mask = 4;
    private const int LargestPayload = 1024 * 1024;

    public static void Write(Utf8Text to, byte opcode, ReadOnlySpan<byte> payload)
    {
        var head = to.Room(10 + payload.Length);
        head[0] = (byte)(Final | opcode);
        var length = 2;
        if (payload.Length < 126)
        {
            head[1] = (byte)payload.Length;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            head[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)payload.Length);
            length = 4;
        }
        else
        {
            head[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(head[2..], (ulong)payload.Length);
            length = 10;
        }

        payload.CopyTo(head[length..]);
        to.Advance(length + payload.Length);
    }

    /// <summary>Finds the frame that begins at <paramref name="at"/> and takes its mask off; false where some of it is still to come.</summary>
    /// <param name="from">What has arrived.</param>
    /// <param name="payload">Its content, in place.</param>
    /// <param name="length">Bytes of the whole frame.</param>
    /// <exception cref="FormatException">No frame of a client looks like that.</exception>
    public static bool TryRead(Utf8Text from, int at, out byte opcode, out ReadOnlySpan<byte> payload, out int length)
    {
        opcode = 0;
        payload = default;
        length = 0;
        var bytes = from.Written[at..];
        if (bytes.Length < 2)
        {
            return false;
        }

        var head = 2 + ((bytes[1] & 127) switch { 126 => 2, 127 => 8, _ => 0 }) + Mask;
        if (bytes.Length < head)
        {
            return false;
        }

        var size = (bytes[1] & 127) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => (long)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            var small => small,
        };
        if ((bytes[0] & Final) == 0 || (bytes[1] & Masked) == 0 || size is < 0 or > LargestPayload)
        {
            throw new FormatException("A client sent a frame that is not masked, not whole, or too large.");
        }

        length = head + (int)size;
        if (bytes.Length < length)
        {
            return false;
        }

        opcode = (byte)(bytes[0] & 15);
        var content = from.Part(at + head, (int)size);
        Unmask(content, bytes.Slice(head - Mask, Mask));
        payload = content;
        return true;
    }

    private static void Unmask(Span<byte> content, ReadOnlySpan<byte> mask)
    {
        var four = BinaryPrimitives.ReadUInt32LittleEndian(mask);
        var eight = four | ((ulong)four << 32);
        while (content.Length >= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(content, BinaryPrimitives.ReadUInt64LittleEndian(content) ^ eight);
            content = content[8..];
        }

        for (var i = 0; i < content.Length; i++)
        {
            content[i] ^= mask[i & 3];
        }
    }
}
