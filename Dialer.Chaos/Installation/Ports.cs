using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Dialer.Chaos.Installation;

/// <summary>
/// Ports for parts that are started again and again. Above those from which Linux takes the near ends of connections (32768 to 60999):
/// otherwise some connection may have the port just when its part is to listen on it once more.
/// </summary>
internal static class Ports
{
    private const int First = 61_000;

    // A part listens seconds after it got its port, and not at all while it is killed. Until this process ends, the UDP port of the same
    // number, which no part uses, tells other runs on the machine that it is given.
    private static readonly List<Socket> s_given = [];

    /// <summary>A port of 127.0.0.1 that is free, and that neither this process nor another run was given.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, IPEndPoint.MaxPort + 1);
            if (TryTake(port) && IsFree(port))
                return port;
        }
    }

    private static bool TryTake(int port)
    {
        var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            taken.Bind(new IPEndPoint(IPAddress.Loopback, port));
            s_given.Add(taken);
            return true;
        }
        catch (SocketException)
        {
            taken.Dispose();
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
