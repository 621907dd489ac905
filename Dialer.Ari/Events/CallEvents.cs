using System.Collections.Frozen;
using System.Text.Json;

namespace Dialer.Ari;

/// <summary>
/// Reads by hand the events that calls bring: through generated metadata, which keeps the fields of each event in a list of their own until
/// all are there, it took twice as long. The others are rare, or a dialer has them filtered away. A field means the same in each of these types.
/// </summary>
internal static class CallEvents
{
    private static readonly string[] s_dialStatuses = [DialStatuses.Ringing, DialStatuses.Progress, DialStatuses.Answer];
    private static readonly string[] s_causes = ["Normal Clearing", "User busy", "User alerting, no answer"];
    private static readonly string[] s_playbackStates = [PlaybackStates.Done, PlaybackStates.Failed];

    // Of a silo that has several nodes each may have another of these.
    private static readonly LastText s_application = new();
    private static readonly LastText s_asteriskId = new();

    /// <summary>The types that are read here, with what makes one of them.</summary>
    public static readonly FrozenDictionary<string, Func<EventFields, AriEvent>> Makers = new Dictionary<string, Func<EventFields, AriEvent>>(StringComparer.Ordinal)
    {
        ["StasisStart"] = static of => new StasisStart
        {
            Application = of.Application, Timestamp = of.Timestamp, AsteriskId = of.AsteriskId,
            Channel = of.Channel ?? throw Lacks("channel"), Args = of.Args ?? [], ReplaceChannel = of.ReplaceChannel,
        },
        ["ChannelStateChange"] = static of => new ChannelStateChange
        {
            Application = of.Application, Timestamp = of.Timestamp, AsteriskId = of.AsteriskId,
            Channel = of.Channel ?? throw Lacks("channel"),
        },
        ["ChannelHangupRequest"] = static of => new ChannelHangupRequest
        {
            Application = of.Application, Timestamp = of.Timestamp, AsteriskId = of.AsteriskId,
            Channel = of.Channel ?? throw Lacks("channel"), Cause = of.Cause, TechCause = of.TechCause, Soft = of.Soft,
        },
        ["ChannelDestroyed"] = static of => new ChannelDestroyed
        {
            Application = of.Application, Timestamp = of.Timestamp, AsteriskId = of.AsteriskId,
            Channel = of.Channel ?? throw Lacks("channel"), Cause = of.Cause ?? HangupCauses.NotDefined, CauseTxt = of.CauseTxt ?? "", TechCause = of.TechCause,
        },
        ["Dial"] = static of => new Dial
        {
            Application = of.Application, Timestamp = of.Timestamp, AsteriskId = of.AsteriskId,
            Peer = of.Peer ?? throw Lacks("peer"), Caller = of.Caller, DialStatus = of.DialStatus ?? "", DialString = of.DialString,
        },
        ["PlaybackFinished"] = static of => new PlaybackFinished
        {
            Application = of.Application, Timestamp = of.Timestamp, AsteriskId = of.AsteriskId,
            Playback = of.Playback ?? throw Lacks("playback"),
        },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads the fields of one event.</summary>
    /// <exception cref="JsonException">It is not one JSON object, or a part of it is not what it should be.</exception>
    /// <exception cref="InvalidOperationException">A value is of another kind.</exception>
    /// <exception cref="FormatException">A number is none, or too large.</exception>
    public static EventFields Read(ReadOnlySpan<byte> json)
    {
        var fields = new EventFields();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        reader.Expect(JsonTokenType.StartObject);
        while (reader.NextProperty())
        {
            if (reader.Is("channel"u8))
            {
                fields.Channel = Channel(ref reader);
            }
            else if (reader.Is("peer"u8))
            {
                fields.Peer = Channel(ref reader);
            }
            else if (reader.Is("caller"u8))
            {
                fields.Caller = Channel(ref reader);
            }
            else if (reader.Is("replace_channel"u8))
            {
                fields.ReplaceChannel = Channel(ref reader);
            }
            else if (reader.Is("playback"u8))
            {
                fields.Playback = ReadPlayback(ref reader);
            }
            else if (reader.Is("timestamp"u8))
            {
                fields.Timestamp = AsteriskTimeConverter.Read(ref reader);
            }
            else if (reader.Is("application"u8))
            {
                fields.Application = s_application.Read(ref reader) ?? "";
            }
            else if (reader.Is("asterisk_id"u8))
            {
                fields.AsteriskId = s_asteriskId.Read(ref reader);
            }
            else if (reader.Is("dialstatus"u8))
            {
                fields.DialStatus = reader.OneOf(s_dialStatuses);
            }
            else if (reader.Is("dialstring"u8))
            {
                fields.DialString = reader.GetString();
            }
            else if (reader.Is("cause"u8))
            {
                fields.Cause = Number(ref reader);
            }
            else if (reader.Is("tech_cause"u8))
            {
                fields.TechCause = Number(ref reader);
            }
            else if (reader.Is("cause_txt"u8))
            {
                fields.CauseTxt = reader.OneOf(s_causes);
            }
            else if (reader.Is("soft"u8))
            {
                fields.Soft = reader.TokenType == JsonTokenType.Null ? null : reader.GetBoolean();
            }
            else if (reader.Is("args"u8))
            {
                fields.Args = JsonSerializer.Deserialize(ref reader, AriJson.Default.StringArray);
            }
            else
            {
                reader.SkipValue();
            }
        }

        // Nothing may follow.
        reader.Read();
        return fields;
    }

    private static AriPlayback? ReadPlayback(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        reader.Expect(JsonTokenType.StartObject);
        string? id = null, next = null, language = null;
        string media = "", target = "", state = "";
        while (reader.NextProperty())
        {
            if (reader.Is("id"u8))
            {
                id = reader.GetString();
            }
            else if (reader.Is("media_uri"u8))
            {
                media = reader.GetString() ?? "";
            }
            else if (reader.Is("next_media_uri"u8))
            {
                next = reader.GetString();
            }
            else if (reader.Is("target_uri"u8))
            {
                target = reader.GetString() ?? "";
            }
            else if (reader.Is("language"u8))
            {
                language = reader.OneOf(ChannelConverter.Languages);
            }
            else if (reader.Is("state"u8))
            {
                state = reader.OneOf(s_playbackStates) ?? "";
            }
            else
            {
                reader.SkipValue();
            }
        }

        return new AriPlayback
        {
            Id = id ?? throw new JsonException("A playback has no 'id'."), MediaUri = media, NextMediaUri = next, TargetUri = target, Language = language, State = state,
        };
    }

    private static AriChannel? Channel(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Null ? null : ChannelConverter.Read(ref reader);

    private static int? Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetInt32();

    private static JsonException Lacks(string field) => new($"An event has no '{field}'.");
}

/// <summary>The fields of an event of a call; which of them there are depends on its type.</summary>
internal struct EventFields
{
    public EventFields()
    {
    }

    public string Application { get; set; } = "";

    public DateTimeOffset Timestamp { get; set; }

    public string? AsteriskId { get; set; }

    public AriChannel? Channel { get; set; }

    public AriChannel? ReplaceChannel { get; set; }

    public IReadOnlyList<string>? Args { get; set; }

    public int? Cause { get; set; }

    public string? CauseTxt { get; set; }

    public int? TechCause { get; set; }

    public bool? Soft { get; set; }

    public string? DialStatus { get; set; }

    public string? DialString { get; set; }

    public AriChannel? Caller { get; set; }

    public AriChannel? Peer { get; set; }

    public AriPlayback? Playback { get; set; }
}
