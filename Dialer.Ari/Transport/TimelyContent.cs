using System.Net;

namespace Dialer.Ari.Transport;

/// <summary>
/// The body of a request that is not sent when it has waited for a connection for too long (<see cref="AriOptions.SendWithin"/>). A call is asked for
/// with a body, and Asterisk does nothing before it has come.
/// </summary>
/// <param name="body">What is sent.</param>
/// <param name="sendWithin">How long it may wait from now on.</param>
internal sealed class TimelyContent(ReadOnlyMemory<byte> body, TimeSpan sendWithin, TimeProvider time) : HttpContent
{
    private readonly long _began = time.GetTimestamp();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <exception cref="TooLateException">It has waited for too long; nothing was sent.</exception>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_began) > sendWithin)
            throw new TooLateException();
        await stream.WriteAsync(body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}

/// <summary>A request was not sent, since it had waited for too long.</summary>
internal sealed class TooLateException() : Exception(Reason)
{
    /// <summary>Why, for whoever made the request.</summary>
    public const string Reason = "Waited behind other requests for too long, or this process stood still; Asterisk may be slower than what it is asked for.";
}
