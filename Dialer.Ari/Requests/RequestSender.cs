using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dialer.Ari.Transport;

namespace Dialer.Ari.Requests;

/// <summary>Sends requests over whatever transport there is at the moment, and turns answers into results.</summary>
internal sealed class RequestSender(Func<IRequestTransport?> transport, string server, TimeSpan timeout)
{
    /// <summary>Sends a request whose good answer has no content of interest.</summary>
    public async Task<AriResult> SendAsync(
        string method, string path, CancellationToken cancellationToken, string query = "", Action<Utf8JsonWriter>? body = null)
    {
        using var content = Write(body);
        using var reply = await SendAsync(new AriRequest(method, path, query, content, WantsBody: false), cancellationToken);
        return new AriResult(ErrorOf(reply, method, path));
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<AriResult<T>> SendAsync<T>(
        string method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, string query = "", Action<Utf8JsonWriter>? body = null)
        where T : class
    {
        using var content = Write(body);
        using var reply = await SendAsync(new AriRequest(method, path, query, content, WantsBody: true), cancellationToken);
        if (ErrorOf(reply, method, path) is { } error)
        {
            return new AriResult<T>(error);
        }

        try
        {
            if (reply.Body is { Length: > 0 } json && JsonSerializer.Deserialize(json.WrittenSpan, type) is { } value)
            {
                return new AriResult<T>(value);
            }

            return new AriResult<T>(new AriError(AriErrorKind.Unreadable, reply.Status, "The answer has no content.", $"{method} {path}"));
        }
        catch (JsonException e)
        {
            return new AriResult<T>(new AriError(AriErrorKind.Unreadable, reply.Status, $"The answer cannot be read: {e.Message}", $"{method} {path}"));
        }
    }

    /// <summary>Escapes an id for a path. An empty one would address the whole collection.</summary>
    public static string Escape(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return Uri.EscapeDataString(id);
    }

    /// <summary>Builds a query of those parameters that have a value.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = "";
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
            }
        }

        return query;
    }

    private Task<AriReply> SendAsync(AriRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return transport() is { } current
            ? AriTelemetry.IsWatched
                ? AriTelemetry.WatchAsync(current, request, server, timeout, cancellationToken)
                : current.SendAsync(request, timeout, cancellationToken)
            : Task.FromResult(new AriReply(request.NotSent("There is no connection to Asterisk.")));
    }

    private static PooledBuffer? Write(Action<Utf8JsonWriter>? body)
    {
        if (body is null)
        {
            return null;
        }

        var content = new PooledBuffer();
        using var writer = new Utf8JsonWriter(content, RestMessages.WriterOptions);
        writer.WriteStartObject();
        body(writer);
        writer.WriteEndObject();
        writer.Flush();
        return content;
    }

    private static AriError? ErrorOf(in AriReply reply, string method, string path) =>
        reply.Error ?? (reply.Status is >= 200 and < 300
            ? null
            : new AriError(AriError.KindOf(reply.Status), reply.Status, MessageOf(reply.Body), $"{method} {path}"));

    /// <summary>Asterisk explains itself as «message», and as «error» where a channel could not be created.</summary>
    private static string MessageOf(PooledBuffer? body)
    {
        try
        {
            using var json = JsonDocument.Parse(body?.Written ?? default);
            foreach (var name in (ReadOnlySpan<string>)["message", "error"])
            {
                if (json.RootElement.ValueKind == JsonValueKind.Object
                    && json.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
                {
                    return text.GetString()!;
                }
            }
        }
        catch (JsonException)
        {
            // A proxy in between answers in HTML; its status says enough.
        }

        return "Asterisk gave no reason.";
    }
}
