namespace Dialer.Ari.Requests;

/// <summary>Requests about playbacks.</summary>
public sealed class PlaybackRequests
{
    private readonly RequestSender _sender;

    internal PlaybackRequests(RequestSender sender) => _sender = sender;

    /// <summary>One playback, or NotFound.</summary>
    public Task<AriResult<AriPlayback>> GetAsync(string playbackId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "playbacks/" + RequestSender.Escape(playbackId), AriJson.Default.AriPlayback, cancellationToken);

    /// <summary>Stops a playback; <see cref="PlaybackFinished"/> follows. NotFound where it is over already.</summary>
    public Task<AriResult> StopAsync(string playbackId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("DELETE", "playbacks/" + RequestSender.Escape(playbackId), cancellationToken);

    // The list travels as a JSON array: a string joined by commas is taken for one name in a JSON body.
    internal static Task<AriResult<AriPlayback>> PlayAsync(
        RequestSender sender, string target, string playbackId, IReadOnlyList<string> media, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(media);
        ArgumentOutOfRangeException.ThrowIfZero(media.Count, nameof(media));
        return sender.SendAsync(
            "POST",
            $"{target}/play/{RequestSender.Escape(playbackId)}",
            AriJson.Default.AriPlayback,
            cancellationToken,
            body: writer =>
            {
                writer.WriteStartArray("media"u8);
                foreach (var medium in media)
                {
                    writer.WriteStringValue(medium);
                }

                writer.WriteEndArray();
            });
    }
}
