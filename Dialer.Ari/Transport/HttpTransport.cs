using System.Net.Http.Headers;
using System.Text;

namespace Dialer.Ari.Transport;

/// <summary>Requests over HTTP, for servers that take none over the event socket.</summary>
internal sealed class HttpTransport : IRequestTransport, IDisposable
{
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly TimeSpan _sendWithin;

    public HttpTransport(AriOptions options, TimeProvider time)
    {
        (_time, _sendWithin) = (time, options.SendWithin);
        var handler = ResetOnClose.Handler();
        (handler.MaxConnectionsPerServer, handler.ConnectTimeout) = (options.HttpConnections, options.ConnectTimeout);
        _client = new HttpClient(handler)
        {
            BaseAddress = options.BaseUri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}"));
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    public async Task<AriReply> SendAsync(AriRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path + request.Query);
        if (request.Body is { } body)
        {
            message.Content = new TimelyContent(body.Written, _sendWithin, _time);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var status = (int)response.StatusCode;
            return new AriReply(status, request.WantsBody || status >= 400 ? await ReadAsync(response.Content, both.Token) : null);
        }
        catch (TooLateException e)
        {
            return new AriReply(request.NotSent(e.Message, AriErrorKind.Timeout));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AriReply(new AriError(AriErrorKind.Timeout, null, $"No answer from Asterisk within {timeout}.", request.Name));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return new AriReply(request.NotSent(e.Message));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            return new AriReply(new AriError(AriErrorKind.Disconnected, null, e.Message, request.Name));
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<PooledBuffer> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = new PooledBuffer((int)Math.Clamp(content.Headers.ContentLength ?? 0, 1024, 1 << 20));
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            int read;
            while ((read = await stream.ReadAsync(body.GetMemory(1024), cancellationToken)) > 0)
            {
                body.Advance(read);
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }
}
