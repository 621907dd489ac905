namespace Dialer.Ari.Requests;

/// <summary>Requests about bridges.</summary>
public sealed class BridgeRequests
{
    private readonly RequestSender _sender;

    internal BridgeRequests(RequestSender sender) => _sender = sender;

    /// <summary>Creates a bridge with an id of ours. Asked for again with the same id and type, it answers with the one there is.</summary>
    /// <param name="bridgeId">Our own id.</param>
    /// <param name="type">Attributes joined by commas: <c>mixing</c> or <c>holding</c>, with <c>dtmf_events</c> to hear of keys.</param>
    /// <param name="name">A name for people.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AriResult<AriBridge>> CreateAsync(
        string bridgeId, string type = "mixing,dtmf_events", string? name = null, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(
            "POST", Path(bridgeId), AriJson.Default.AriBridge, cancellationToken, RequestSender.Query(("type", type), ("name", name)));

    /// <summary>One bridge, or NotFound.</summary>
    public Task<AriResult<AriBridge>> GetAsync(string bridgeId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", Path(bridgeId), AriJson.Default.AriBridge, cancellationToken);

    /// <summary>All bridges of the server.</summary>
    public Task<AriResult<AriBridge[]>> ListAsync(CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "bridges", AriJson.Default.AriBridgeArray, cancellationToken);

    /// <summary>
    /// Puts a channel in. Invalid: there is no such channel. Conflict: it is not in a Stasis application. NotFound: no such
    /// bridge.
    /// </summary>
    public Task<AriResult> AddChannelAsync(string bridgeId, string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(bridgeId) + "/addChannel", cancellationToken, RequestSender.Query(("channel", channelId)));

    /// <summary>Takes a channel out; it stays in the application. Invalid: there is no such channel, or it is not in the bridge (422).</summary>
    public Task<AriResult> RemoveChannelAsync(string bridgeId, string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(bridgeId) + "/removeChannel", cancellationToken, RequestSender.Query(("channel", channelId)));

    /// <summary>Destroys a bridge; its channels stay in the application.</summary>
    public Task<AriResult> DestroyAsync(string bridgeId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("DELETE", Path(bridgeId), cancellationToken);

    /// <summary>Plays media to everybody in the bridge.</summary>
    public Task<AriResult<AriPlayback>> PlayAsync(
        string bridgeId, string playbackId, IReadOnlyList<string> media, CancellationToken cancellationToken = default) =>
        PlaybackRequests.PlayAsync(_sender, Path(bridgeId), playbackId, media, cancellationToken);

    /// <summary>Starts music on hold.</summary>
    public Task<AriResult> StartMohAsync(string bridgeId, string? mohClass = null, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(bridgeId) + "/moh", cancellationToken, RequestSender.Query(("mohClass", mohClass)));

    /// <summary>Stops music on hold.</summary>
    public Task<AriResult> StopMohAsync(string bridgeId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("DELETE", Path(bridgeId) + "/moh", cancellationToken);

    private static string Path(string bridgeId) => "bridges/" + RequestSender.Escape(bridgeId);
}
