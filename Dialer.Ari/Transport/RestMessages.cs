using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dialer.Ari.Transport;

/// <summary>The messages that carry REST over the event socket.</summary>
internal static class RestMessages
{
    public const string ResponseType = "RESTResponse";

    /// <summary>Cyrillic stays UTF-8 on the wire: a third of the size of its escapes.</summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static PooledBuffer WriteRequest(long id, in AriRequest request)
    {
        var frame = new PooledBuffer(512 + (request.Body?.Length ?? 0));
        using var writer = new Utf8JsonWriter(frame, WriterOptions);
        Span<char> number = stackalloc char[20];
        id.TryFormat(number, out var digits, provider: CultureInfo.InvariantCulture);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "RESTRequest"u8);
        writer.WriteString("request_id"u8, number[..digits]);
        writer.WriteString("method"u8, request.Method);
        writer.WriteString("uri"u8, request.Path + request.Query);
        if (request.Body is { } body)
        {
            writer.WriteString("content_type"u8, "application/json"u8);
            writer.WriteString("message_body"u8, body.WrittenSpan);
        }

        writer.WriteEndObject();
        writer.Flush();
        return frame;
    }

    /// <summary>
    /// Finds the request that an answer belongs to and hands it over. An answer to nobody (its caller gave up) is dropped.
    /// </summary>
    /// <exception cref="JsonException">It is not a RESTResponse.</exception>
    public static void ReadResponse(ReadOnlySpan<byte> json, Func<long, PendingRequest?> take)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        PendingRequest? request = null;
        int? status = null;
        PooledBuffer? body = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("request_id"u8))
            {
                reader.Read();
                request = Utf8Parser.TryParse(reader.ValueSpan, out long id, out _) ? take(id) : null;
                if (request is null)
                {
                    return;
                }
            }
            else if (reader.ValueTextEquals("status_code"u8))
            {
                reader.Read();
                status = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("message_body"u8))
            {
                reader.Read();
                body = request is { WantsBody: false } && status < 400 ? null : CopyText(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if (request is not null && status is { } code)
        {
            request.Answer(code, body);
            return;
        }

        body?.Dispose();
        throw new JsonException("A RESTResponse lacks its request_id or status_code.");
    }

    private static PooledBuffer? CopyText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return null;
        }

        var body = new PooledBuffer(reader.ValueSpan.Length + 1);
        body.Advance(reader.CopyString(body.GetSpan(reader.ValueSpan.Length + 1)));
        return body;
    }
}
