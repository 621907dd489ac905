using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Dialer.Tests.Infrastructure;

/// <summary>An answer: its status and, where there is one, its JSON.</summary>
public sealed record RestAnswer(HttpStatusCode Status, JsonNode? Body, string Text)
{
    /// <summary>The field that a problem names.</summary>
    public string? Field => (string?)Body?["field"];
}

/// <summary>The REST API as any outside program uses it: nothing of the server's types.</summary>
/// <param name="http">With the address <c>…/api/v1/</c> and the key; disposed with this.</param>
public sealed class RestApi(HttpClient http) : IDisposable
{
    public HttpClient Http => http;

    /// <summary>GET that must succeed.</summary>
    public async Task<JsonNode> GetAsync(string path) =>
        Expected(await SendAsync(HttpMethod.Get, path), path).Body ?? throw new InvalidOperationException($"GET {path} answered nothing.");

    /// <summary>GET of something that is not JSON.</summary>
    public async Task<string> GetTextAsync(string path) => Expected(await SendAsync(HttpMethod.Get, path), path).Text;

    /// <summary>PUT of JSON that must succeed.</summary>
    public async Task<JsonNode> PutAsync(string path, string json) => Expected(await TryPutAsync(path, json), path).Body!;

    /// <summary>PUT of JSON, whatever comes of it.</summary>
    public Task<RestAnswer> TryPutAsync(string path, string json) => SendAsync(HttpMethod.Put, path, Json(json));

    /// <summary>POST that must succeed.</summary>
    public async Task<JsonNode?> PostAsync(string path, HttpContent? content = null) =>
        Expected(await SendAsync(HttpMethod.Post, path, content), path).Body;

    /// <summary>Uploads a list and returns its report, which must be «done».</summary>
    public async Task<JsonNode> UploadAsync(string campaign, string csv, string mode = "replace")
    {
        var accepted = await PostAsync($"{campaign}/lists?mode={mode}", Csv(csv));
        return await Eventually.SeeAsync(
            async () => await GetAsync($"{campaign}/lists/{accepted!["id"]}") is var list && (string?)list["state"] == "done" ? list : null,
            "the list read",
            TimeSpan.FromSeconds(20));
    }

    /// <summary>All rows of <c>contacts</c> or <c>attempts</c>.</summary>
    public async Task<IReadOnlyList<JsonNode>> RowsAsync(string campaign, string what)
    {
        var page = await GetAsync($"{campaign}/{what}?limit=1000");
        return page["next"] is null
            ? [.. page["items"]!.AsArray().Select(row => row!)]
            : throw new InvalidOperationException("More than 1,000 rows: page through them.");
    }

    public async Task<RestAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var isJson = answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return new RestAnswer(answer.StatusCode, isJson ? JsonNode.Parse(text) : null, text);
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static StringContent Csv(string csv) => new(csv, Encoding.UTF8, "text/csv");

    public void Dispose() => http.Dispose();

    private static RestAnswer Expected(RestAnswer answer, string path) => (int)answer.Status is >= 200 and < 300
        ? answer
        : throw new InvalidOperationException($"{path} answered {(int)answer.Status}: {answer.Text}");
}
