namespace Dialer.Ari.Requests;

/// <summary>Requests about trunks and phones.</summary>
public sealed class EndpointRequests
{
    private readonly RequestSender _sender;

    internal EndpointRequests(RequestSender sender) => _sender = sender;

    /// <summary>All endpoints.</summary>
    public Task<AriResult<AriEndpoint[]>> ListAsync(CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "endpoints", AriJson.Default.AriEndpointArray, cancellationToken);

    /// <summary>One endpoint, or NotFound.</summary>
    /// <param name="technology">Such as <c>PJSIP</c>.</param>
    /// <param name="resource">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AriResult<AriEndpoint>> GetAsync(string technology, string resource, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(
            "GET",
            $"endpoints/{RequestSender.Escape(technology)}/{RequestSender.Escape(resource)}",
            AriJson.Default.AriEndpoint,
            cancellationToken);
}

/// <summary>Requests about the server itself.</summary>
public sealed class AsteriskRequests
{
    private readonly RequestSender _sender;

    internal AsteriskRequests(RequestSender sender) => _sender = sender;

    /// <summary>Version, identity and start time.</summary>
    public Task<AriResult<AsteriskInfo>> InfoAsync(CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "asterisk/info", AriJson.Default.AsteriskInfo, cancellationToken);

    /// <summary>Whether it answers.</summary>
    public Task<AriResult<AsteriskPong>> PingAsync(CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "asterisk/ping", AriJson.Default.AsteriskPong, cancellationToken);

    /// <summary>A global variable of the dial plan; its value is empty where there is none.</summary>
    public Task<AriResult<AriVariable>> VariableAsync(string name, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", "asterisk/variable", AriJson.Default.AriVariable, cancellationToken, RequestSender.Query(("variable", name)));

    /// <summary>Reads an object that is configured while Asterisk runs, or NotFound.</summary>
    public Task<AriResult<ConfigField[]>> GetConfigAsync(
        string configClass, string objectType, string id, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", ConfigPath(configClass, objectType, id), AriJson.Default.ConfigFieldArray, cancellationToken);

    /// <summary>
    /// Creates or changes an object while Asterisk runs. In memory objects are gone after a restart of Asterisk. Forbidden:
    /// <c>sorcery.conf</c> has no writable place for the type.
    /// </summary>
    /// <param name="configClass">Such as <c>res_pjsip</c>.</param>
    /// <param name="objectType">Such as <c>endpoint</c>, <c>aor</c>, <c>auth</c>, <c>identify</c>, <c>registration</c>.</param>
    /// <param name="id">Its id.</param>
    /// <param name="fields">Its settings.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AriResult> PutConfigAsync(
        string configClass, string objectType, string id, IReadOnlyCollection<ConfigField> fields, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return _sender.SendAsync("PUT", ConfigPath(configClass, objectType, id), cancellationToken, body: writer =>
        {
            writer.WriteStartArray("fields"u8);
            foreach (var field in fields)
            {
                writer.WriteStartObject();
                writer.WriteString("attribute"u8, field.Attribute);
                writer.WriteString("value"u8, field.Value);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>Removes an object that was created while Asterisk runs, or NotFound.</summary>
    public Task<AriResult> DeleteConfigAsync(
        string configClass, string objectType, string id, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("DELETE", ConfigPath(configClass, objectType, id), cancellationToken);

    private static string ConfigPath(string configClass, string objectType, string id) =>
        $"asterisk/config/dynamic/{RequestSender.Escape(configClass)}/{RequestSender.Escape(objectType)}/{RequestSender.Escape(id)}";
}

/// <summary>Requests about Stasis applications.</summary>
public sealed class ApplicationRequests
{
    private readonly RequestSender _sender;

    internal ApplicationRequests(RequestSender sender) => _sender = sender;

    /// <summary>One application with the ids of its channels, or NotFound.</summary>
    public Task<AriResult<AriApplication>> GetAsync(string application, CancellationToken cancellationToken = default) =>
        _sender.SendAsync("GET", Path(application), AriJson.Default.AriApplication, cancellationToken);

    /// <summary>
    /// Chooses the event types that are sent to an application; it holds until the application is gone. What is disallowed
    /// goes before what is allowed.
    /// </summary>
    /// <param name="application">Its name.</param>
    /// <param name="allowed">The only types to send; empty for all, null to leave as it is.</param>
    /// <param name="disallowed">Types not to send; empty for none, null to leave as it is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AriResult> FilterEventsAsync(
        string application,
        IReadOnlyCollection<string>? allowed,
        IReadOnlyCollection<string>? disallowed,
        CancellationToken cancellationToken = default) =>
        _sender.SendAsync("PUT", Path(application) + "/eventFilter", cancellationToken, body: writer =>
        {
            foreach (var (list, types) in new[] { ("allowed", allowed), ("disallowed", disallowed) })
            {
                if (types is null)
                {
                    continue;
                }

                writer.WriteStartArray(list);
                foreach (var type in types)
                {
                    writer.WriteStartObject();
                    writer.WriteString("type"u8, type);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }
        });

    private static string Path(string application) => "applications/" + RequestSender.Escape(application);
}
