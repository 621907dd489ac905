using System.Buffers.Text;
using System.Text;

namespace Dialer.Simulation.Wire;

/// <summary>JSON, HTTP and log lines as they are written by hand, in a buffer that is used again.</summary>
internal sealed class Utf8Text(int capacity = 4096)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets the first bytes.</summary>
    public void Remove(int count)
    {
        if (count == 0)
        {
            return;
        }

        _bytes.AsSpan(count, Length - count).CopyTo(_bytes);
        Length -= count;
    }

    /// <summary>Some of what is written, to be changed in place.</summary>
    public Span<byte> Part(int from, int count) => _bytes.AsSpan(from, count);

    /// <summary>At least so much room behind what is written; <see cref="Advance"/> tells how much of it was used.</summary>
    public Span<byte> Room(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public Utf8Text Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
        return this;
    }

    public Utf8Text Add(string text)
    {
        Length += Encoding.UTF8.GetBytes(text, Room(text.Length * 3));
        return this;
    }

    public Utf8Text Add(long number)
    {
        Utf8Formatter.TryFormat(number, Room(20), out var length);
        Length += length;
        return this;
    }

    public Utf8Text AddHex(int number)
    {
        Utf8Formatter.TryFormat(number, Room(8), out var length, new('x', 8));
        Length += length;
        return this;
    }

    /// <summary>What stands between the quotes of a JSON string.</summary>
    public Utf8Text AddEscaped(string text)
    {
        var from = Length;
        Add(text);
        return _bytes.AsSpan(from, Length - from).IndexOfAnyInRange((byte)0, (byte)31) < 0 && _bytes.AsSpan(from, Length - from).IndexOfAny((byte)'"', (byte)'\\') < 0
            ? this
            : EscapeFrom(from);
    }

    /// <summary>JSON as the value of a JSON string.</summary>
    public Utf8Text AddEscaped(ReadOnlySpan<byte> json)
    {
        var room = Room(json.Length * 6);
        var length = 0;
        while (json.Length > 0)
        {
            var plain = json.IndexOfAny((byte)'"', (byte)'\\');
            if (plain < 0)
            {
                plain = json.Length;
            }

            json[..plain].CopyTo(room[length..]);
            length += plain;
            if (plain == json.Length)
            {
                break;
            }

            room[length++] = (byte)'\\';
            room[length++] = json[plain];
            json = json[(plain + 1)..];
        }

        Length += length;
        return this;
    }

    private Utf8Text EscapeFrom(int from)
    {
        var text = Encoding.UTF8.GetString(_bytes, from, Length - from);
        Length = from;
        return Add(System.Text.Json.JsonEncodedText.Encode(text).EncodedUtf8Bytes);
    }
}
