using System.Net;
using System.Net.Sockets;
using System.Text;
using Dialer.Simulation.Calls;

namespace Dialer.Simulation.Wire;

/// <summary>Takes connections on a port of 127.0.0.1, each with a thread of its own: there are a handful, and a thread that waits costs nothing.</summary>
internal sealed class Server : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Exchange _exchange;
    private readonly string _authorization;

    /// <param name="port">0 for any that is free.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public Server(Exchange exchange, int port, string user, string password)
    {
        _exchange = exchange;
        _authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        // Restarted on the port where clients still remember the one before.
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Takes connections from now on.</summary>
    public void Start() => Begin(Accept, "accept");

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = new Connection(_listener.Accept(), _exchange, _authorization);
                Begin(connection.Run, "connection");
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the process.
        }
    }

    private static void Begin(ThreadStart run, string name) => new Thread(run) { IsBackground = true, Name = name }.Start();
}
