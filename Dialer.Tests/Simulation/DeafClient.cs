using System.Net.WebSockets;
using System.Text;
using Dialer.Tests.Infrastructure;

namespace Dialer.Tests.Simulation;

/// <summary>Opens an event socket, and reads it only when told to.</summary>
internal sealed class DeafClient(ClientWebSocket socket) : IDisposable
{
    public static async Task<DeafClient> ConnectAsync(FakeAsteriskProcess process, string application)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(
            "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{FakeAsteriskProcess.User}:{FakeAsteriskProcess.Password}")));
        var address = new UriBuilder(new Uri(process.AriUrl, $"events?app={application}")) { Scheme = "ws" }.Uri;
        await socket.ConnectAsync(address, CancellationToken.None);
        return new DeafClient(socket);
    }

    /// <summary>Reads until so many events of a type have come; throws when they do not.</summary>
    public async Task<int> ReadUntilAsync(string type, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var begin = Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\"");
        var buffer = new byte[64 * 1024];
        var seen = 0;
        while (seen < count)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), patience.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            seen += buffer.AsSpan(0, length).StartsWith(begin) ? 1 : 0;
        }

        return seen;
    }

    public void Dispose() => socket.Dispose();
}
