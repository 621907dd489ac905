using System.Text.Json.Serialization;

namespace Dialer.Ari;

/// <summary>Generated readers and writers of what crosses the wire and is not read by hand (<see cref="CallEvents"/>).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(AsteriskTimeConverter), typeof(ChannelConverter)])]
[JsonSerializable(typeof(StasisEnd))]
[JsonSerializable(typeof(ChannelCreated))]
[JsonSerializable(typeof(ChannelDtmfReceived))]
[JsonSerializable(typeof(PlaybackStarted))]
[JsonSerializable(typeof(PlaybackContinuing))]
[JsonSerializable(typeof(ChannelEnteredBridge))]
[JsonSerializable(typeof(ChannelLeftBridge))]
[JsonSerializable(typeof(BridgeDestroyed))]
[JsonSerializable(typeof(EndpointStateChange))]
[JsonSerializable(typeof(ContactStatusChange))]
[JsonSerializable(typeof(PeerStatusChange))]
[JsonSerializable(typeof(ApplicationReplaced))]
[JsonSerializable(typeof(EventHeader))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(AriChannel[]))]
[JsonSerializable(typeof(AriBridge[]))]
[JsonSerializable(typeof(AriPlayback))]
[JsonSerializable(typeof(AriChannel))]
[JsonSerializable(typeof(AriBridge))]
[JsonSerializable(typeof(AriEndpoint))]
[JsonSerializable(typeof(AriEndpoint[]))]
[JsonSerializable(typeof(AriApplication))]
[JsonSerializable(typeof(AsteriskInfo))]
[JsonSerializable(typeof(AsteriskPong))]
[JsonSerializable(typeof(AriVariable))]
[JsonSerializable(typeof(ConfigField[]))]
internal sealed partial class AriJson : JsonSerializerContext;
