using System.Net.Sockets;

namespace Dialer.Ari.Transport;

/// <summary>
/// Connections that forget what is not yet sent when they are closed. Otherwise the system goes on sending it: a request to call somebody
/// that was given up with its connection would reach Asterisk once a broken line is whole again, and ring a person whom nobody calls any more.
/// </summary>
internal static class ResetOnClose
{
    /// <summary>A handler for <see cref="HttpClient"/> and web sockets that connects in this way.</summary>
    public static SocketsHttpHandler Handler() => new() { ConnectCallback = ConnectAsync, UseCookies = false, AllowAutoRedirect = false };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
