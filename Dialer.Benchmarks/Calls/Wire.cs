using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// Listens to the datagrams of this machine: from the telephone network's «200 OK» (the person has answered) to the first packet of
/// sound that goes there. What the person hears, measured where it arrives. Needs root.
/// </summary>
internal sealed partial class Wire : IDisposable
{
    private const int UdpHeader = 8;
    private const int RtpHeader = 12;

    // A silent packet repeats one or two values; a tone has dozens.
    private const int ValuesOfSound = 8;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Udp);
    private readonly int _networkSip;
    private readonly string _notTo;
    private readonly Thread _thread;
    private readonly Dictionary<int, long> _answered = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<(long At, TimeSpan Took)> _times = [];

    /// <param name="networkSip">The network's SIP port.</param>
    /// <param name="notTo">Calls to numbers that begin so are left out.</param>
    public Wire(int networkSip, string notTo)
    {
        (_networkSip, _notTo) = (networkSip, notTo);
        _socket.ReceiveBufferSize = 8 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _thread = new Thread(Listen) { IsBackground = true, Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    /// <summary>From answer to first sound, of every call answered since then that had both.</summary>
    public IReadOnlyList<TimeSpan> AnswerToSound(DateTimeOffset from)
    {
        var time = TimeProvider.System;
        var since = time.GetTimestamp() - (long)((time.GetUtcNow() - from).TotalSeconds * time.TimestampFrequency);
        lock (_times)
        {
            return [.. _times.Where(t => t.At >= since).Select(t => t.Took)];
        }
    }

    /// <summary>Answered calls that have heard nothing (yet).</summary>
    public int Silent
    {
        get
        {
            lock (_times)
            {
                return _answered.Count;
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _thread.Join();
    }

    private void Listen()
    {
        var buffer = new byte[65536];
        while (true)
        {
            int length;
            try
            {
                length = _socket.Receive(buffer);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }

            var now = TimeProvider.System.GetTimestamp();
            var udp = buffer.AsSpan((buffer[0] & 15) * 4, length - ((buffer[0] & 15) * 4));
            var (from, to) = (BinaryPrimitives.ReadUInt16BigEndian(udp), BinaryPrimitives.ReadUInt16BigEndian(udp[2..]));
            lock (_times)
            {
                if (from == _networkSip)
                {
                    Signalled(udp[UdpHeader..], now);
                }
                else if (_answered.TryGetValue(to, out var answeredAt) && IsSound(udp[UdpHeader..]))
                {
                    _times.Add((answeredAt, TimeProvider.System.GetElapsedTime(answeredAt, now)));
                    _answered.Remove(to);
                }
            }
        }
    }

    private void Signalled(ReadOnlySpan<byte> datagram, long now)
    {
        if (!datagram.StartsWith("SIP/2.0 200"u8))
        {
            return;
        }

        var message = Encoding.UTF8.GetString(datagram);
        if (AudioPort().Match(message) is { Success: true } audio && CallId().Match(message) is { Success: true } id
            && !message.Contains($"<sip:{_notTo}", StringComparison.Ordinal) && _seen.Add(id.Value))
        {
            _answered[int.Parse(audio.Groups["port"].ValueSpan, CultureInfo.InvariantCulture)] = now;
        }
    }

    private static bool IsSound(ReadOnlySpan<byte> packet)
    {
        if (packet.Length <= RtpHeader || packet[0] >> 6 != 2)
        {
            return false;
        }

        var values = new HashSet<byte>();
        foreach (var value in packet[RtpHeader..])
        {
            values.Add(value);
        }

        return values.Count >= ValuesOfSound;
    }

    [GeneratedRegex(@"^m=audio (?<port>\d+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AudioPort();

    [GeneratedRegex(@"^Call-ID: *\S+", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CallId();
}
