using System.Net.Http.Headers;
using System.Text;

namespace Dialer.Grains.Speech;

/// <summary>
/// Speaks with a service: the text is sent by POST as <c>text/plain</c> to <see cref="SpeechOptions.Url"/> with
/// <c>voice</c> and <c>culture</c> in the query, and the audio is the answer.
/// </summary>
public sealed class HttpSpeechEngine : ISpeechEngine
{
    // The most that a service may answer with: 30 minutes at 48 kHz, mono.
    private const int MostBytes = 200 << 20;

    private readonly HttpClient _http;
    private readonly SpeechOptions _options;
    private readonly Uri _url;

    /// <exception cref="SpeechEngineException">No address is set.</exception>
    public HttpSpeechEngine(HttpClient http, SpeechOptions options)
    {
        _http = http;
        _options = options;
        _url = options.Url ?? throw new SpeechEngineException("The engine «Http» needs the address of the service: set Speech:Url.");
        Name = $"{_url.GetLeftPart(UriPartial.Path)}/{options.Sound}";
    }

    public string Name { get; }

    public async Task<byte[]> RenderWavAsync(string text, string? voice, string culture, CancellationToken ct)
    {
        var query = $"voice={Uri.EscapeDataString(_options.VoiceFor(voice, culture))}&culture={Uri.EscapeDataString(culture)}";
        var address = new UriBuilder(_url) { Query = _url.Query.Length > 1 ? $"{_url.Query[1..]}&{query}" : query }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new StringContent(text, Encoding.UTF8, "text/plain");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("audio/wav"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new SpeechEngineException($"The speech service at {_url.Host} answered {(int)response.StatusCode}. Look at its log, or correct Speech:Url.");
            }

            await response.Content.LoadIntoBufferAsync(MostBytes, limit.Token);
            return await response.Content.ReadAsByteArrayAsync(limit.Token);
        }
        catch (HttpRequestException e)
        {
            throw new SpeechEngineException($"The speech service at {_url.Host} cannot be used: {e.Message} See that it runs, or correct Speech:Url.", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new SpeechEngineException($"The speech service at {_url.Host} took longer than {_options.Timeout.TotalSeconds:0} s.", e);
        }
    }
}
