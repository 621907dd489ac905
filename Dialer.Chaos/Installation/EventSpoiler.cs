using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Dialer.Chaos.Audit;

namespace Dialer.Chaos.Installation;

/// <summary>
/// Passes what Asterisk sends over one event socket, but some events twice, some late (others overtake them), and some that tell of a
/// hang-up not at all. Answers to requests pass as they are.
/// </summary>
/// <param name="random">Whose next values decide; used under a lock.</param>
internal sealed class EventSpoiler(Random random) : IDisposable
{
    private const double Share = 0.08;
    private static readonly string[] s_hangups = ["ChannelDestroyed", "ChannelHangupRequest", "StasisEnd"];
    private static int s_twice;
    private static int s_late;
    private static int s_lost;
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>How many events all spoilers together have spoilt.</summary>
    public static SpoiltEvents Spoilt => new(s_late, s_twice, s_lost);

    public async Task RunAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new BufferedStream(from, 64 * 1024);
            await PassHeadAsync(stream, to, cancellationToken);
            while (await ReadFrameAsync(stream, cancellationToken) is { } frame)
                await PassAsync(frame, to, cancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    public void Dispose() => _writing.Dispose();

    // The answer to the upgrade, up to its empty line.
    private static async Task PassHeadAsync(BufferedStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        while (head.Count < 4 || head[^1] != '\n' || head[^2] != '\r' || head[^3] != '\n')
        {
            var next = from.ReadByte();
            if (next < 0)
                throw new EndOfStreamException();
            head.Add((byte)next);
        }

        await to.WriteAsync(head.ToArray(), cancellationToken);
    }

    /// <summary>A whole frame with its header; a server's frames are not masked (RFC 6455, 5.1). Null at the end.</summary>
    private static async Task<byte[]?> ReadFrameAsync(BufferedStream from, CancellationToken cancellationToken)
    {
        var header = new byte[10];
        if (await from.ReadAtLeastAsync(header.AsMemory(0, 2), 2, throwOnEndOfStream: false, cancellationToken) < 2)
            return null;
        var (headerLength, length) = (2, header[1] & 0x7F);
        if (length == 126)
        {
            await from.ReadExactlyAsync(header.AsMemory(2, 2), cancellationToken);
            (headerLength, length) = (4, BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)));
        }
        else if (length == 127)
        {
            await from.ReadExactlyAsync(header.AsMemory(2, 8), cancellationToken);
            (headerLength, length) = (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(2))));
        }

        var frame = new byte[headerLength + length];
        header.AsSpan(0, headerLength).CopyTo(frame);
        await from.ReadExactlyAsync(frame.AsMemory(headerLength), cancellationToken);
        return frame;
    }

    private async Task PassAsync(byte[] frame, NetworkStream to, CancellationToken cancellationToken)
    {
        var isText = (frame[0] & 0x0F) == 1;
        var type = isText ? TypeOf(frame) : null;
        if (type is null or "RESTResponse")
        {
            await WriteAsync(frame, to, cancellationToken);
            return;
        }

        double choice;
        TimeSpan delay;
        lock (random)
            (choice, delay) = (random.NextDouble(), TimeSpan.FromMilliseconds(random.Next(20, 800)));
        if (choice < Share && s_hangups.Contains(type))
        {
            Interlocked.Increment(ref s_lost);
            return;
        }

        if (choice is >= Share and < 2 * Share)
        {
            Interlocked.Increment(ref s_late);
            _ = LaterAsync(frame, to, delay, cancellationToken);
            return;
        }

        await WriteAsync(frame, to, cancellationToken);
        if (choice is >= 2 * Share and < 3 * Share)
        {
            Interlocked.Increment(ref s_twice);
            _ = LaterAsync(frame, to, delay, cancellationToken);
        }
    }

    private async Task LaterAsync(byte[] frame, NetworkStream to, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, cancellationToken);
            await WriteAsync(frame, to, cancellationToken);
        }
        // The connection ended meanwhile: this event is one of those that nobody hears.
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private async Task WriteAsync(byte[] frame, NetworkStream to, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await to.WriteAsync(frame, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static string? TypeOf(byte[] frame)
    {
        var text = Encoding.UTF8.GetString(frame);
        const string Key = "\"type\":";
        var at = text.IndexOf(Key, StringComparison.Ordinal);
        var open = at < 0 ? -1 : text.IndexOf('"', at + Key.Length);
        var close = open < 0 ? -1 : text.IndexOf('"', open + 1);
        return close < 0 ? null : text[(open + 1)..close];
    }
}
