using System.Text.Json;
using Dialer.Simulation.Calls;

namespace Dialer.Simulation.Wire;

// The event socket: frames, and the requests that travel in them.
internal sealed partial class Connection
{
    private readonly Utf8Text _body = new();

    private bool ReadFrame()
    {
        if (!Frames.TryRead(_in, _consumed, out var opcode, out var payload, out var length))
        {
            return false;
        }

        _consumed += length;
        switch (opcode)
        {
            case Frames.Text:
                ReadMessage(payload);
                break;
            case Frames.Ping:
                SendFrame(Frames.Pong, payload);
                break;
            case Frames.Close:
                SendFrame(Frames.Close, payload);
                _isOver = true;
                break;
            case Frames.Pong:
                break;
            default:
                throw new FormatException("A client sent a frame that is neither text nor control.");
        }

        return true;
    }

    private void ReadMessage(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        string id = "", method = "", uri = "";
        var hasBody = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("request_id"u8))
            {
                id = Next(ref reader);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                method = Next(ref reader);
            }
            else if (reader.ValueTextEquals("uri"u8))
            {
                uri = Next(ref reader);
            }
            else if (reader.ValueTextEquals("message_body"u8))
            {
                reader.Read();
                _body.Clear();
                _body.Advance(reader.CopyString(_body.Room(reader.ValueSpan.Length)));
                hasBody = true;
            }
            else
            {
                reader.Skip();
            }
        }

        using var body = hasBody ? JsonDocument.Parse(_body.WrittenMemory) : null;
        _overSocket.Begin(id, uri);
        _exchange.Carry(Request.Parse(method, uri, body?.RootElement), _overSocket);
    }

    private static string Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString() ?? "";
    }

    private sealed class SocketAnswer(Connection connection) : Answer
    {
        private readonly Utf8Text _message = new();
        private string _id = "";
        private string _uri = "";

        public void Begin(string id, string uri) => (_id, _uri) = (id, uri);

        public override void Send(int status, ReadOnlySpan<byte> json)
        {
            _message.Clear();
            _message.Add("{\"type\":\"RESTResponse\",\"transaction_id\":\"\",\"request_id\":\""u8).AddEscaped(_id).Add("\",\"status_code\":"u8).Add(status)
                .Add(",\"reason_phrase\":\"\",\"uri\":\""u8).AddEscaped(_uri).Add("\""u8);
            if (json.Length > 0)
            {
                _message.Add(",\"content_type\":\"application/json\",\"message_body\":\""u8).AddEscaped(json).Add("\""u8);
            }

            _message.Add("}"u8);
            connection.SendText(_message.Written);
        }
    }
}
