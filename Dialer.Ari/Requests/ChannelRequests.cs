using System.Globalization;
using System.Text.Json;

namespace Dialer.Ari.Requests;

/// <summary>A call to make.</summary>
public sealed record Originate
{
    /// <summary>What to dial, such as <c>PJSIP/79990000001@trunk</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Our own id of the channel. With one, a repeated request is answered with a conflict, never with a second call.</summary>
    public required string ChannelId { get; init; }

    /// <summary>The application that gets the call at its answer; null for the connection's own.</summary>
    public string? Application { get; init; }

    /// <summary>
    /// A context of the dial plan that gets the call at its answer in the place of the application, at the extension of the application's name. There
    /// it can wait for the application while no event socket is open; Asterisk hangs up on a call that has nothing but the application. Null: the
    /// application gets it. Its events arrive only with <see cref="AriOptions.AllChannels"/>.
    /// </summary>
    public string? Context { get; init; }

    /// <summary>Arguments that <see cref="StasisStart"/> will carry, joined by commas.</summary>
    public string? AppArgs { get; init; }

    /// <summary>Caller id to show: a number, or <c>"Name" &lt;number&gt;</c>.</summary>
    public string? CallerId { get; init; }

    /// <summary>How long to ring, in whole seconds (rounded up). Asterisk's default is 30 s.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Id of a channel whose formats to offer (a call on behalf of it). Not together with <see cref="Formats"/>.</summary>
    public string? Originator { get; init; }

    /// <summary>Codecs to offer, joined by commas. Not together with <see cref="Originator"/>.</summary>
    public string? Formats { get; init; }

    /// <summary>Channel variables and functions to set before dialling.</summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }
}

/// <summary>Requests about channels.</summary>
public sealed class ChannelRequests
{
    private readonly RequestSender _sender;
    private readonly string _application;

    internal ChannelRequests(RequestSender sender, string application)
    {
        _sender = sender;
        _application = application;
    }

    /// <summary>
    /// Makes a call. Success means that dialling begins. ServerError «Allocation failed»: no such endpoint (trunk or phone).
    /// Conflict: the id is in use; or, after an earlier conflict on this socket, no such endpoint (Asterisk 22.10 never
    /// clears its reason): look with <see cref="GetAsync"/>, NotFound tells that there is no such call.
    /// </summary>
    public Task<AriResult<AriChannel>> OriginateAsync(Originate call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return _sender.SendAsync("POST", "channels", AriJson.Default.AriChannel, cancellationToken, body: writer =>
        {
            writer.WriteString("endpoint"u8, call.Endpoint);
            writer.WriteString("channelId"u8, call.ChannelId);
            var application = call.Application ?? _application;
            if (call.Context is { } context)
            {
                writer.WriteString("context"u8, context);
                writer.WriteString("extension"u8, application);
            }
            else
            {
                writer.WriteString("app"u8, application);
            }

            WriteIfSet(writer, "appArgs", call.AppArgs);
            WriteIfSet(writer, "callerId", call.CallerId);
            WriteIfSet(writer, "originator", call.Originator);
            WriteIfSet(writer, "formats", call.Formats);
            if (call.Timeout is { } timeout)
            {
                writer.WriteNumber("timeout"u8, (int)Math.Ceiling(timeout.TotalSeconds));
            }

            if (call.Variables is { Count: > 0 } variables)
            {
                writer.WriteStartObject("variables"u8);
                foreach (var (name, value) in variables)
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }
        });
    }

    /// <summary>One channel, or NotFound.</summary>
    public Task<AriResult<AriChannel>> GetAsync(string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", Path(channelId), AriJson.Default.AriChannel, cancellationToken);

    /// <summary>All channels of the server, those of other applications included.</summary>
    public Task<AriResult<AriChannel[]>> ListAsync(CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "channels", AriJson.Default.AriChannelArray, cancellationToken);

    /// <summary>Hangs up. NotFound where it is gone already; see <see cref="AriResult.IsSuccessOrGone"/>.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="cause">Q.850 cause to tell the far end; null for normal clearing. See <see cref="HangupCauses"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AriResult> HangupAsync(string channelId, int? cause = null, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(
            "DELETE", Path(channelId), cancellationToken, RequestSender.Query(("reason_code", cause?.ToString(CultureInfo.InvariantCulture))));

    /// <summary>Answers an incoming call.</summary>
    public Task<AriResult> AnswerAsync(string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(channelId) + "/answer", cancellationToken);

    /// <summary>Lets the caller hear that it rings.</summary>
    public Task<AriResult> StartRingingAsync(string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(channelId) + "/ring", cancellationToken);

    /// <summary>Ends the ringing.</summary>
    public Task<AriResult> StopRingingAsync(string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("DELETE", Path(channelId) + "/ring", cancellationToken);

    /// <summary>Plays media one after another, as one playback; its events carry <paramref name="playbackId"/>.</summary>
    /// <param name="channelId">The channel; it must be in a Stasis application (Conflict otherwise).</param>
    /// <param name="playbackId">Our own id of the playback.</param>
    /// <param name="media">Such as <c>sound:hello</c>, <c>sound:/folder/file-without-extension</c> or <c>sound:http://host/x.wav</c>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AriResult<AriPlayback>> PlayAsync(
        string channelId, string playbackId, IReadOnlyList<string> media, CancellationToken cancellationToken = default) =>
        PlaybackRequests.PlayAsync(_sender, Path(channelId), playbackId, media, cancellationToken);

    /// <summary>Sets a channel variable or function.</summary>
    public Task<AriResult> SetVariableAsync(string channelId, string name, string value, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(channelId) + "/variable", cancellationToken, body: writer =>
        {
            writer.WriteString("variable"u8, name);
            writer.WriteString("value"u8, value);
        });

    /// <summary>Reads a channel variable or function; NotFound where it is not set.</summary>
    public Task<AriResult<AriVariable>> GetVariableAsync(string channelId, string name, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(
            "GET", Path(channelId) + "/variable", AriJson.Default.AriVariable, cancellationToken, RequestSender.Query(("variable", name)));

    /// <summary>Starts music on hold.</summary>
    public Task<AriResult> StartMohAsync(string channelId, string? mohClass = null, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("POST", Path(channelId) + "/moh", cancellationToken, RequestSender.Query(("mohClass", mohClass)));

    /// <summary>Stops music on hold.</summary>
    public Task<AriResult> StopMohAsync(string channelId, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("DELETE", Path(channelId) + "/moh", cancellationToken);

    /// <summary>Lets the channel leave the application and go on in the dialplan.</summary>
    public Task<AriResult> ContinueAsync(
        string channelId, string? context = null, string? extension = null, int? priority = null, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(
            "POST",
            Path(channelId) + "/continue",
            cancellationToken,
            RequestSender.Query(
                ("context", context), ("extension", extension), ("priority", priority?.ToString(CultureInfo.InvariantCulture))));

    private static string Path(string channelId) => "channels/" + RequestSender.Escape(channelId);

    private static void WriteIfSet(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
