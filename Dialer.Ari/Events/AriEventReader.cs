using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Dialer.Ari;

/// <summary>Turns the UTF-8 of one event into its class, without a string in between.</summary>
internal static class AriEventReader
{
    private static readonly FrozenDictionary<string, Func<EventFields, AriEvent>>.AlternateLookup<ReadOnlySpan<char>> s_ofCallsByName =
        CallEvents.Makers.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenDictionary<string, JsonTypeInfo> s_others = new Dictionary<string, JsonTypeInfo>(StringComparer.Ordinal)
    {
        ["StasisEnd"] = AriJson.Default.StasisEnd,
        ["ChannelCreated"] = AriJson.Default.ChannelCreated,
        ["ChannelDtmfReceived"] = AriJson.Default.ChannelDtmfReceived,
        ["PlaybackStarted"] = AriJson.Default.PlaybackStarted,
        ["PlaybackContinuing"] = AriJson.Default.PlaybackContinuing,
        ["ChannelEnteredBridge"] = AriJson.Default.ChannelEnteredBridge,
        ["ChannelLeftBridge"] = AriJson.Default.ChannelLeftBridge,
        ["BridgeDestroyed"] = AriJson.Default.BridgeDestroyed,
        ["EndpointStateChange"] = AriJson.Default.EndpointStateChange,
        ["ContactStatusChange"] = AriJson.Default.ContactStatusChange,
        ["PeerStatusChange"] = AriJson.Default.PeerStatusChange,
        ["ApplicationReplaced"] = AriJson.Default.ApplicationReplaced,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, JsonTypeInfo>.AlternateLookup<ReadOnlySpan<char>> s_othersByName =
        s_others.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The types that have a class of their own, for tests.</summary>
    public static IEnumerable<string> KnownTypes => CallEvents.Makers.Keys.Concat(s_others.Keys);

    /// <summary>Reads one event of a known <paramref name="type"/>; null where its type has no class and such events are not wanted.</summary>
    /// <exception cref="JsonException">It is not JSON, or lacks what its type must have.</exception>
    public static AriEvent? Read(ReadOnlySpan<byte> json, ReadOnlySpan<char> type, bool unknownToo)
    {
        if (s_ofCallsByName.TryGetValue(type, out var make))
        {
            try
            {
                return make(CallEvents.Read(json));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new JsonException($"{type}: {e.Message}", e);
            }
        }

        if (s_othersByName.TryGetValue(type, out var info))
        {
            return (AriEvent?)JsonSerializer.Deserialize(json, info);
        }

        if (!unknownToo)
        {
            return null;
        }

        var header = JsonSerializer.Deserialize(json, AriJson.Default.EventHeader) ?? new EventHeader();
        return new UnknownEvent(new string(type), json.ToArray())
        {
            Application = header.Application ?? "",
            Timestamp = header.Timestamp,
            AsteriskId = header.AsteriskId,
        };
    }

    /// <summary>Copies the top-level <c>type</c> into <paramref name="name"/>; Asterisk writes it first nearly always.</summary>
    /// <exception cref="JsonException">It is not a JSON object, or has no type.</exception>
    internal static int ReadType(ReadOnlySpan<byte> json, Span<char> name)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An event is not a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= name.Length)
            {
                return reader.CopyString(name);
            }

            reader.Skip();
        }

        throw new JsonException("An event has no 'type'.");
    }
}

/// <summary>What every event has.</summary>
internal sealed record EventHeader
{
    public string? Application { get; init; }

    public DateTimeOffset Timestamp { get; init; }

    public string? AsteriskId { get; init; }
}
