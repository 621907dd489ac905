using System.Globalization;
using System.Text.Json;
using Dialer.Simulation.Wire;

namespace Dialer.Simulation.Calls;

/// <summary>One request, the same for both ways of travelling.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="Segments">Path below the ARI root, unescaped.</param>
/// <param name="Query">Parameters behind the question mark, escaped; or empty.</param>
/// <param name="Body">The JSON body, if any.</param>
internal sealed record Request(string Method, string[] Segments, string Query, JsonElement? Body)
{
    /// <summary>A parameter of the body or the query; null where neither has it.</summary>
    public string? this[string name] =>
        Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : Query.Length > 0 ? InQuery(name) : null;

    public TimeSpan? Seconds(string name) =>
        int.TryParse(this[name], CultureInfo.InvariantCulture, out var seconds) && seconds >= 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The event types in a list of the body; null where it has no such list.</summary>
    public HashSet<string>? Types(string name) =>
        Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var list)
            ? list.EnumerateArray().Select(t => t.GetProperty("type").GetString()!).ToHashSet(StringComparer.Ordinal)
            : null;

    public static Request Parse(string method, string uri, JsonElement? body)
    {
        var mark = uri.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = mark < 0 ? (uri, "") : (uri[..mark], uri[(mark + 1)..]);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < segments.Length; i++)
        {
            segments[i] = Uri.UnescapeDataString(segments[i]);
        }

        return new Request(method, segments, query, body);
    }

    private string? InQuery(string name)
    {
        foreach (var parameter in Query.Split('&'))
        {
            if (parameter.Length > name.Length && parameter[name.Length] == '=' && parameter.StartsWith(name, StringComparison.Ordinal))
            {
                return Uri.UnescapeDataString(parameter[(name.Length + 1)..].Replace('+', ' '));
            }
        }

        return null;
    }
}

/// <summary>The way back of a request. Used once, before the events that the request causes.</summary>
internal abstract class Answer
{
    private readonly Utf8Text _body = new();

    public abstract void Send(int status, ReadOnlySpan<byte> json);

    public void Send(int status, Action<Utf8Text> write)
    {
        _body.Clear();
        write(_body);
        Send(status, _body.Written);
    }

    /// <summary>204.</summary>
    public void Done() => Send(204, default(ReadOnlySpan<byte>));

    public void Refuse(int status, string message) => Send(status, text => text.Add("{\"message\":\""u8).AddEscaped(message).Add("\"}"u8));
}
