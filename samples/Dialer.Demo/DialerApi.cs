using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Dialer.Demo;

/// <summary>The REST interface as any outside program uses it: JSON in, JSON out.</summary>
public sealed class DialerApi : IDisposable
{
    private readonly HttpClient _http;

    public DialerApi(Uri web, string key)
    {
        _http = new HttpClient { BaseAddress = new Uri(web, "/api/v1/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Task<JsonNode?> PutAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, JsonContent.Create(body), cancellationToken);

    public Task<JsonNode?> PostCsvAsync(string path, string csv, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, new StringContent(csv, Encoding.UTF8, "text/csv"), cancellationToken);

    public Task<JsonNode?> PostAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, null, cancellationToken);

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
