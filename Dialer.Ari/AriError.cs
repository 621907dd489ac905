namespace Dialer.Ari;

/// <summary>What kind of thing went wrong with a request.</summary>
public enum AriErrorKind
{
    /// <summary>400 or 422: Asterisk does not take the parameters.</summary>
    Invalid,

    /// <summary>401 or 403: the user is unknown, or may only read.</summary>
    Forbidden,

    /// <summary>404: the channel, bridge, playback or object is not there (any more). Routine.</summary>
    NotFound,

    /// <summary>409: the id is in use, or the channel is not in a Stasis application.</summary>
    Conflict,

    /// <summary>412: the channel is in a state in which this cannot be done.</summary>
    WrongState,

    /// <summary>5xx: Asterisk could not do it; «Allocation failed» stands for an endpoint that does not exist.</summary>
    ServerError,

    /// <summary>No answer within <see cref="AriOptions.RequestTimeout"/>.</summary>
    Timeout,

    /// <summary>The connection is down, or went down before the answer came.</summary>
    Disconnected,

    /// <summary>An answer that this library does not understand; what was asked for has probably been done.</summary>
    Unreadable,
}

/// <summary>Why a request has no good answer.</summary>
/// <param name="Kind">What kind of thing went wrong.</param>
/// <param name="Status">The HTTP status, where Asterisk answered at all.</param>
/// <param name="Message">What Asterisk said, or what happened to the connection; for people.</param>
/// <param name="Request">Method and path of the request, without its parameters.</param>
/// <param name="NotSent">True where Asterisk certainly never saw the request, so it may be sent again elsewhere.</param>
public sealed record AriError(AriErrorKind Kind, int? Status, string Message, string Request, bool NotSent = false)
{
    /// <summary>
    /// True where Asterisk may or may not have done what was asked for: the request was (perhaps) sent and no answer came.
    /// Ask again with the same id (an originate with the same channel id is answered with a conflict if it was done).
    /// </summary>
    public bool OutcomeUnknown => !NotSent && (Kind is AriErrorKind.Timeout or AriErrorKind.Disconnected);

    /// <inheritdoc/>
    public override string ToString() =>
        Status is { } status ? $"{Request}: {Kind} ({status}): {Message}" : $"{Request}: {Kind}{(NotSent ? ", not sent" : ", outcome unknown")}: {Message}";

    internal static AriErrorKind KindOf(int status) => status switch
    {
        401 or 403 => AriErrorKind.Forbidden,
        404 => AriErrorKind.NotFound,
        409 => AriErrorKind.Conflict,
        412 => AriErrorKind.WrongState,
        >= 400 and < 500 => AriErrorKind.Invalid,
        >= 500 => AriErrorKind.ServerError,
        _ => AriErrorKind.Unreadable,
    };
}

/// <summary>A request failed, and its caller had asked for the value alone.</summary>
public sealed class AriException : Exception
{
    /// <summary>Wraps <paramref name="error"/>.</summary>
    public AriException(AriError error)
        : base(error?.ToString()) => Error = error;

    /// <summary>Wraps a message, with no typed error.</summary>
    public AriException(string message)
        : base(message)
    {
    }

    /// <summary>Wraps a message and what led to it, with no typed error.</summary>
    public AriException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception with no details.</summary>
    public AriException()
    {
    }

    /// <summary>What went wrong, where it was an answer to a request.</summary>
    public AriError? Error { get; }
}
