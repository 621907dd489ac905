using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Rows in PostgreSQL's binary COPY format, written straight into the bytes that go over the wire: no strings, no boxes.
/// </summary>
public sealed class CopyBatch : IDisposable
{
    /// <summary>The size at which a batch goes on its way.</summary>
    public const int FullAt = 1 << 17;

    private const int TextOid = 25;
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private byte[] bytes = ArrayPool<byte>.Shared.Rent(FullAt + (1 << 15));

    private CopyBatch(string command) => Command = command;

    /// <summary>The COPY that takes these rows.</summary>
    public string Command { get; }

    /// <summary>The rows.</summary>
    public ReadOnlyMemory<byte> Rows => bytes.AsMemory(0, Length);

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>What stands before the rows of a COPY.</summary>
    public static byte[] Header { get; } = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0\0\0\0\0\0\0\0\0"u8];

    /// <summary>A batch for contacts.</summary>
    public static CopyBatch OfContacts() =>
        new("copy contact (campaign, list, edition, person, name, numbers, variables, time_zone, next_due_at) from stdin (format binary)");

    /// <summary>A batch for problems.</summary>
    public static CopyBatch OfProblems() =>
        new("copy contact_list_problem (list, ordinal, line, column_name, reason, found, severity) from stdin (format binary)");

    /// <summary>A person as the table gives it back.</summary>
    public static UInt128 PersonOf(Guid stored)
    {
        Span<byte> uuid = stackalloc byte[16];
        stored.TryWriteBytes(uuid, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(uuid);
    }

    /// <summary>Adds a contact that is due at once.</summary>
    public void Add(int campaign, long list, long edition, UInt128 person, ImportedContact row, DateTimeOffset now)
    {
        Int16(9);
        Int32(4);
        Int32(campaign);
        Int32(8);
        Int64(list);
        Int32(8);
        Int64(edition);
        Int32(16);
        BinaryPrimitives.WriteUInt128BigEndian(Take(16), person);
        Text(row.Name);
        Texts(row.Numbers);
        Int32(row.Variables.Length);
        row.Variables.CopyTo(Take(row.Variables.Length));
        TextOrNull(row.TimeZone);
        Int32(8);
        Int64((now.UtcDateTime - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Adds a problem.</summary>
    public void Add(long list, long ordinal, ListProblem problem)
    {
        Int16(7);
        Int32(8);
        Int64(list);
        Int32(8);
        Int64(ordinal);
        Int32(8);
        Int64(problem.Line);
        TextOrNull(problem.Column);
        Text(problem.Reason);
        TextOrNull(problem.Found);
        Int32(2);
        Int16((short)problem.Severity);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        Length = 0;
    }

    private void Texts(IList<string> values)
    {
        var size = Take(4);
        var from = Length;
        Int32(1);
        Int32(0);
        Int32(TextOid);
        Int32(values.Count);
        Int32(1);
        foreach (var value in values)
        {
            Text(value);
        }

        // Not into «size»: the bytes may have moved to a larger array.
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(from - size.Length), Length - from);
    }

    private void TextOrNull(string? value)
    {
        if (value is null)
        {
            Int32(-1);
        }
        else
        {
            Text(value);
        }
    }

    private void Text(ReadOnlySpan<char> value)
    {
        var room = Room(4 + Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, room[4..]);
        BinaryPrimitives.WriteInt32BigEndian(room, length);
        Length += 4 + length;
    }

    private void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    private void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    private void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    private Span<byte> Take(int count)
    {
        var room = Room(count)[..count];
        Length += count;
        return room;
    }

    private Span<byte> Room(int count)
    {
        if (bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, Length + count));
            bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        return bytes.AsSpan(Length);
    }
}
