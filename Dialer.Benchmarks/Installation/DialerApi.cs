using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Dialer.Benchmarks.Installation;

/// <summary>The REST interface as any outside program uses it.</summary>
internal sealed class DialerApi : IDisposable
{
    private readonly HttpClient _http;

    public DialerApi(Uri web, string key)
    {
        // A list of a million rows takes as long as it takes.
        _http = new HttpClient { BaseAddress = new Uri(web, "/api/v1/"), Timeout = TimeSpan.FromMinutes(10) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Task<JsonNode?> PutAsync(string path, string body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, new StringContent(body, Encoding.UTF8, "application/json"), cancellationToken);

    public Task PutFileAsync(string path, byte[] wav, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(wav);
        content.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        return SendAsync(HttpMethod.Put, path, content, cancellationToken);
    }

    public Task<JsonNode?> PostAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, null, cancellationToken);

    /// <summary>Sends a CSV as it is read, without a copy of it in memory.</summary>
    public Task<JsonNode?> PostCsvAsync(string path, Stream csv, CancellationToken cancellationToken)
    {
        var content = new StreamContent(csv, 1 << 16);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return SendAsync(HttpMethod.Post, path, content, cancellationToken);
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Get, path, null, cancellationToken) ?? throw new InvalidOperationException($"GET {path} answered nothing.");

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await _http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return !answer.IsSuccessStatusCode
            ? throw new InvalidOperationException($"{method} {path} answered {(int)answer.StatusCode}: {text}")
            : text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
