using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>One contact on its way from a file into the table; used again for every row, so a million rows cost no memory.</summary>
public sealed class ContactRow : IDisposable
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxName = 500;

    private readonly char[] name = new char[MaxName];
    private readonly ArrayBufferWriter<byte> json = new(256);
    private readonly Utf8JsonWriter writer;
    private readonly List<string> sorted = [];
    private char[] key = new char[MaxName + 256];
    private int nameLength;

    public ContactRow() =>
        writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>The name, with single blanks and none around it.</summary>
    public ReadOnlySpan<char> Name => name.AsSpan(0, nameLength);

    /// <summary>What is dialled, in the order of the file, each once.</summary>
    public IList<string> Numbers { get; } = new List<string>();

    /// <summary>The variables as a flat JSON object; whole after <see cref="EndVariables"/>.</summary>
    public ReadOnlySpan<byte> Variables => json.WrittenSpan;

    /// <summary>An IANA time zone, or null for that of the tenant.</summary>
    public string? TimeZone { get; set; }

    /// <summary>Makes it blank.</summary>
    public void Begin()
    {
        nameLength = 0;
        Numbers.Clear();
        TimeZone = null;
        json.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
    }

    /// <summary>Sets the name; false where it is too long.</summary>
    public bool TrySetName(ReadOnlySpan<char> value)
    {
        nameLength = 0;
        var blank = false;
        foreach (var c in value)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                blank = nameLength > 0;
                continue;
            }

            if (nameLength + (blank ? 2 : 1) > MaxName)
            {
                return false;
            }

            if (blank)
            {
                name[nameLength++] = ' ';
                blank = false;
            }

            name[nameLength++] = c;
        }

        return true;
    }

    /// <summary>Adds a variable.</summary>
    public void AddVariable(ReadOnlySpan<char> variable, ReadOnlySpan<char> value) => writer.WriteString(variable, value);

    /// <summary>Ends the object of variables.</summary>
    public void EndVariables()
    {
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Who this is: the name without regard to case, and the set of numbers without regard to order.</summary>
    public UInt128 Person()
    {
        sorted.Clear();
        sorted.AddRange(Numbers);
        sorted.Sort(StringComparer.Ordinal);
        var needed = nameLength + (sorted.Count * (PhoneNumber.MaxLength + 1));
        if (key.Length < needed)
        {
            key = new char[needed];
        }

        var length = Name.ToUpperInvariant(key);
        foreach (var number in sorted)
        {
            key[length++] = '\n';
            number.CopyTo(key.AsSpan(length));
            length += number.Length;
        }

        Span<byte> bytes = stackalloc byte[1024];
        var utf8 = Encoding.UTF8.GetMaxByteCount(length) <= bytes.Length
            ? bytes[..Encoding.UTF8.GetBytes(key.AsSpan(0, length), bytes)]
            : Encoding.UTF8.GetBytes(key, 0, length);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
