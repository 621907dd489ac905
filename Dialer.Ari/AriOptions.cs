namespace Dialer.Ari;

/// <summary>How REST requests travel to Asterisk.</summary>
public enum AriTransport
{
    /// <summary>Over the event socket where the server answers a probe there, otherwise over HTTP. Decided at each connect.</summary>
    Auto,

    /// <summary>Always over the event socket (Asterisk 20.14, 21.9, 22.4 and later).</summary>
    WebSocket,

    /// <summary>Always over HTTP; the socket carries events only.</summary>
    Http,
}

/// <summary>Where one Asterisk is, who we are to it, and how patient to be.</summary>
public sealed record AriOptions
{
    /// <summary>The ARI root with its closing slash, for example <c>http://127.0.0.1:8088/ari/</c>; <c>https</c> is accepted.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>The name of a section of <c>ari.conf</c> with <c>type=user</c>.</summary>
    public required string User { get; init; }

    /// <summary>The password of <see cref="User"/>. Never logged.</summary>
    public required string Password { get; init; }

    /// <summary>The Stasis application whose events arrive. One socket per name: a second one takes it over.</summary>
    public required string Application { get; init; }

    /// <summary>How long to wait for the answer to one request, queueing included. Default 5 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a request may wait to be given to the event socket. One that has waited longer is not sent at all: a process that stood still
    /// must not send when it goes on what it wanted before. Default 1.5 s.
    /// </summary>
    public TimeSpan SendWithin { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long one attempt to open the socket may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a server has to show that it takes requests over the socket. Default 2 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait before the first reconnect. Doubles with each failure. Default 100 ms.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two attempts to connect. Default 5 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the peer is pinged while the socket is quiet, and asked whether it still has the application. Default 2 s.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a ping may stay unanswered before the peer counts as dead. Default 5 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How requests travel. Default <see cref="AriTransport.Auto"/>.</summary>
    public AriTransport Transport { get; init; } = AriTransport.Auto;

    /// <summary>
    /// Whether events of every channel arrive, those included that no application has yet. Default false. Needed for <see cref="Requests.Originate.Context"/>:
    /// nobody would tell how such a call rings.
    /// </summary>
    public bool AllChannels { get; init; }

    /// <summary>HTTP connections used at once where requests travel over HTTP. Default 20.</summary>
    public int HttpConnections { get; init; } = 20;

    /// <summary>
    /// Whether events of a type that this library has no class for reach the sink, as <see cref="UnknownEvent"/>.
    /// Default false: they are skipped after a look at their type.
    /// </summary>
    public bool DeliverUnknownEvents { get; init; }

    /// <summary>Refuses options that could not work, saying which and why.</summary>
    /// <exception cref="ArgumentException">An option cannot work.</exception>
    internal void Check()
    {
        if (BaseUri is not { IsAbsoluteUri: true, Scheme: "http" or "https" } || !BaseUri.AbsolutePath.EndsWith('/'))
        {
            throw new ArgumentException(
                $"AriOptions.BaseUri is '{BaseUri}'; give an absolute http(s) address that ends with a slash, such as http://127.0.0.1:8088/ari/.");
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(User);
        ArgumentException.ThrowIfNullOrWhiteSpace(Application);
        ArgumentNullException.ThrowIfNull(Password);
        foreach (var (name, value) in new[]
        {
            (nameof(RequestTimeout), RequestTimeout), (nameof(SendWithin), SendWithin), (nameof(ConnectTimeout), ConnectTimeout), (nameof(ProbeTimeout), ProbeTimeout),
            (nameof(MinBackoff), MinBackoff), (nameof(KeepAliveInterval), KeepAliveInterval), (nameof(KeepAliveTimeout), KeepAliveTimeout),
        })
        {
            if (value <= TimeSpan.Zero)
            {
                throw new ArgumentException($"AriOptions.{name} is {value}; give a time longer than zero.");
            }
        }

        if (MaxBackoff < MinBackoff)
        {
            throw new ArgumentException($"AriOptions.MaxBackoff ({MaxBackoff}) is shorter than MinBackoff ({MinBackoff}); give at least as much.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(HttpConnections, 1);
    }
}
