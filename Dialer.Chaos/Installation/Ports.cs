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
    private static readonly HashSet<int> s_given = [];

    /// <summary>A port of 127.0.0.1 that is free, and that this process was not given before. By chance, since other runs look for some at the same time.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, IPEndPoint.MaxPort + 1);
            if (IsFree(port) && s_given.Add(port))
                return port;
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
