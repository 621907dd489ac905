namespace Dialer.Ari;

/// <summary>What is known of a connection when it is made.</summary>
/// <param name="Application">The Stasis application.</param>
/// <param name="Transport">How requests travel: <see cref="AriTransport.WebSocket"/> or <see cref="AriTransport.Http"/>.</param>
/// <param name="AsteriskId">Entity id of the server; null where it did not tell.</param>
/// <param name="Version">Version of Asterisk; null where it did not tell.</param>
/// <param name="ConnectedAt">When the connection was made, by our clock.</param>
public sealed record AriConnectionInfo(
    string Application,
    AriTransport Transport,
    string? AsteriskId,
    string? Version,
    DateTimeOffset ConnectedAt);

/// <summary>
/// Takes what an <see cref="AriConnection"/> receives, in order, one call at a time, on its receive loop. Every method must
/// return quickly and must not wait for a request: Asterisk drops a client that does not read. What throws is logged, and
/// the loop goes on.
/// </summary>
public interface IAriSink
{
    /// <summary>The application is registered and requests are possible. Events of the gap before are lost: reconcile now.</summary>
    void Connected(AriConnectionInfo info);

    /// <summary>The connection that was last reported is gone. Calls inside the application live on.</summary>
    /// <param name="reason">What ended it; null where we closed it.</param>
    void Disconnected(Exception? reason);

    /// <summary>One event.</summary>
    void Received(AriEvent e);
}

/// <summary>Another socket took the application's events over. Whoever owns this one decides whether to fight for it.</summary>
public sealed class AriApplicationReplacedException : Exception
{
    /// <summary>Says which application was taken over.</summary>
    public AriApplicationReplacedException(string message)
        : base(message)
    {
    }

    /// <summary>Says which application was taken over, and what led to that.</summary>
    public AriApplicationReplacedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception with no details.</summary>
    public AriApplicationReplacedException()
    {
    }
}
