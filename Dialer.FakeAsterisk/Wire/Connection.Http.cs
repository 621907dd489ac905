using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dialer.Simulation.Calls;

namespace Dialer.Simulation.Wire;

// HTTP/1.1, as far as clients of ARI use it, and the upgrade to an event socket.
internal sealed partial class Connection
{
    private const string Root = "/ari/";
    private const int LargestBody = 1024 * 1024;

    private bool ReadHttp()
    {
        var arrived = _in.Written[_consumed..];
        var end = arrived.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return arrived.Length > 64 * 1024 ? throw new FormatException("The head of a request has no end.") : false;
        }

        var head = Encoding.UTF8.GetString(arrived[..end]).Split("\r\n");
        if (head[0].Split(' ') is not [var method, var target, "HTTP/1.1"])
        {
            throw new FormatException("What a client sent is no HTTP/1.1.");
        }

        var length = int.TryParse(Header(head, "Content-Length"), CultureInfo.InvariantCulture, out var told) ? told : 0;
        if (length is < 0 or > LargestBody || Header(head, "Transfer-Encoding") is not null)
        {
            throw new FormatException("A request has a body of another kind than one whose length is told.");
        }

        var whole = end + 4 + length;
        if (arrived.Length < whole)
        {
            return false;
        }

        var body = _in.WrittenMemory.Slice(_consumed + end + 4, length);
        _consumed += whole;
        Carry(method, target, head, body);
        return true;
    }

    private void Carry(string method, string target, string[] head, ReadOnlyMemory<byte> content)
    {
        if (Header(head, "Authorization") != _authorization)
        {
            _overHttp.Refuse(401, "Authentication required");
        }
        else if (!target.StartsWith(Root, StringComparison.Ordinal))
        {
            _overHttp.Refuse(404, "Resource not found");
        }
        else if (Header(head, "Sec-WebSocket-Key") is { } key)
        {
            Upgrade(Request.Parse(method, target[Root.Length..], null), key);
        }
        else
        {
            using var body = content.Length > 0 ? JsonDocument.Parse(content) : null;
            _exchange.Carry(Request.Parse(method, target[Root.Length..], body?.RootElement), _overHttp);
        }
    }

    private void Upgrade(Request request, string key)
    {
        if (request.Segments is not ["events"] || request["app"] is not { Length: > 0 } application)
        {
            _overHttp.Refuse(404, "Resource not found");
            return;
        }

        // RFC 6455, section 1.3: the SHA-1 is no secret, it shows that this side speaks the protocol.
#pragma warning disable CA5350
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        _out.Add("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "u8).Add(accept).Add("\r\n\r\n"u8);
        HasOutput();
        _isEventSocket = true;
        _exchange.Register(application, this);
    }

    private static string? Header(string[] head, string name)
    {
        foreach (var line in head)
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return line[(name.Length + 1)..].Trim();
            }
        }

        return null;
    }

    private sealed class HttpAnswer(Connection connection) : Answer
    {
        public override void Send(int status, ReadOnlySpan<byte> json)
        {
            connection._out.Add("HTTP/1.1 "u8).Add(status).Add(status < 300 ? " OK\r\n"u8 : " Refused\r\n"u8);
            if (status != 204)
            {
                connection._out.Add("Content-Type: application/json\r\nContent-Length: "u8).Add(json.Length).Add("\r\n"u8);
            }

            connection._out.Add("\r\n"u8).Add(json);
            connection.HasOutput();
        }
    }
}
