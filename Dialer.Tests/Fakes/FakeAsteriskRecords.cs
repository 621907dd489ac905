using System.Text.Json.Nodes;

namespace Dialer.Tests.Fakes;

/// <summary>A request as the fake saw it.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="Path">Path below the ARI root, unescaped, such as <c>channels/abc/play/p1</c>.</param>
/// <param name="Parameters">Parameters of query and body together, as strings.</param>
/// <param name="Body">The JSON body, if any.</param>
/// <param name="At">When, by the fake's clock.</param>
/// <param name="OverSocket">Whether it came over the event socket.</param>
public sealed record FakeRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Parameters,
    JsonNode? Body,
    DateTimeOffset At,
    bool OverSocket)
{
    public string[] Segments { get; } = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>An answer of the fake.</summary>
public sealed record FakeReply(int Status, JsonNode? Body = null)
{
    public static FakeReply NoContent { get; } = new(204);

    public static FakeReply Message(int status, string message) => new(status, new JsonObject { ["message"] = message });
}

/// <summary>A call that was asked for and accepted.</summary>
public sealed record FakeOriginate(string Number, string Endpoint, string ChannelId, DateTimeOffset At, FakeRequest Request);

/// <summary>A playback that was asked for and accepted.</summary>
public sealed record FakePlay(string PlaybackId, string Target, IReadOnlyList<string> Media, DateTimeOffset At);

/// <summary>A channel of the fake.</summary>
public sealed class FakeChannel
{
    public required string Id { get; init; }

    public required string Number { get; init; }

    public required string Endpoint { get; init; }

    public required string App { get; init; }

    public required string AppArgs { get; init; }

    /// <summary>Whether it waits in the dial plan for its application where nobody listens at its answer.</summary>
    public bool MayWait { get; init; }

    public required Subscriber Subscriber { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string? CallerId { get; init; }

    public string State { get; internal set; } = "Down";

    public bool InStasis { get; internal set; }

    public bool HasMoh { get; internal set; }

    public string? BridgeId { get; internal set; }

    public IDictionary<string, string> Variables { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal List<ITimer> Timers { get; } = [];

    internal List<FakePlayback> Playbacks { get; } = [];

    internal int Serial { get; init; }

    internal JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["name"] = $"PJSIP/{Endpoint}-{Serial:x8}",
        ["state"] = State,
        ["protocol_id"] = "",
        ["caller"] = new JsonObject { ["name"] = "", ["number"] = Number },
        ["connected"] = new JsonObject { ["name"] = "", ["number"] = CallerId ?? "" },
        ["accountcode"] = "",
        ["dialplan"] = new JsonObject
        {
            ["context"] = "default", ["exten"] = "s", ["priority"] = 1,
            ["app_name"] = InStasis ? "Stasis" : State == "Up" ? "Wait" : "AppDial2", ["app_data"] = InStasis ? App : State == "Up" ? "0.2" : "(Outgoing Line)",
        },
        ["creationtime"] = FakeAsterisk.Format(CreatedAt),
        ["language"] = "en",
    };
}

internal sealed class FakeBridge
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public List<string> Channels { get; } = [];

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["technology"] = "simple_bridge",
        ["bridge_type"] = Type.Contains("holding", StringComparison.Ordinal) ? "holding" : "mixing",
        ["bridge_class"] = "stasis",
        ["creator"] = "Stasis",
        ["name"] = "",
        ["channels"] = new JsonArray([.. Channels.Select(id => (JsonNode)id)]),
        ["creationtime"] = FakeAsterisk.Format(CreatedAt),
        ["video_mode"] = "none",
    };
}

internal sealed class FakePlayback
{
    public required string Id { get; init; }

    public required string Target { get; init; }

    public required string[] Media { get; init; }

    public required string App { get; init; }

    public FakeChannel? Channel { get; init; }

    public int Index { get; set; }

    public string State { get; set; } = "queued";

    public ITimer? Timer { get; set; }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["id"] = Id, ["media_uri"] = Media[Index], ["target_uri"] = Target, ["language"] = "en", ["state"] = State,
        };
        if (Index + 1 < Media.Length)
        {
            json["next_media_uri"] = Media[Index + 1];
        }

        return json;
    }
}
