namespace Dialer.Ari.Transport;

/// <summary>One request, the same for both ways of travelling.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Path below the ARI root, escaped, without a query; shown in errors.</param>
/// <param name="Query">Query with its question mark, escaped; or empty. Never shown, it may hold a number.</param>
/// <param name="Body">JSON in UTF-8; null for none.</param>
/// <param name="WantsBody">Whether the body of a good answer is of any use.</param>
internal readonly record struct AriRequest(string Method, string Path, string Query, PooledBuffer? Body, bool WantsBody)
{
    public string Name => $"{Method} {Path}";

    public AriError NotSent(string message, AriErrorKind kind = AriErrorKind.Disconnected) => new(kind, null, message, Name, NotSent: true);
}

/// <summary>An answer, or why there is none. Whoever gets it disposes it.</summary>
internal readonly struct AriReply : IDisposable
{
    public AriReply(AriError error) => Error = error;

    public AriReply(int status, PooledBuffer? body)
    {
        Status = status;
        Body = body;
    }

    public AriError? Error { get; }

    public int Status { get; }

    public PooledBuffer? Body { get; }

    public void Dispose() => Body?.Dispose();
}

/// <summary>A way for requests to travel. Never throws but for a cancelled token.</summary>
internal interface IRequestTransport
{
    Task<AriReply> SendAsync(AriRequest request, TimeSpan timeout, CancellationToken cancellationToken);
}
