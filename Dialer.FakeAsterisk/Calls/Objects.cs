using Dialer.Simulation.Scripts;
using Dialer.Simulation.Wire;

namespace Dialer.Simulation.Calls;

/// <summary>A Stasis application: where its events go, and which it wants.</summary>
internal sealed class Application(string name)
{
    public string Name { get; } = name;

    /// <summary>Null while no socket is open.</summary>
    public Connection? Socket { get; set; }

    public HashSet<string> Allowed { get; set; } = new(StringComparer.Ordinal);

    public HashSet<string> Disallowed { get; set; } = new(StringComparer.Ordinal);

    public bool Wants(string type) => Socket is not null && !Disallowed.Contains(type) && (Allowed.Count == 0 || Allowed.Contains(type));
}

/// <summary>One leg of a call.</summary>
internal sealed class Channel
{
    private byte[]? _head;
    private byte[]? _place;
    private byte[]? _tail;

    public required string Id { get; init; }

    public required int Serial { get; init; }

    public required string Number { get; init; }

    public required string Endpoint { get; init; }

    public required Application Application { get; init; }

    public required string Arguments { get; init; }

    /// <summary>Whether it waits in the dial plan for its application where nobody listens at its answer.</summary>
    public required bool MayWait { get; init; }

    /// <summary>Until when, by the clock of the calls; set at its answer.</summary>
    public long WaitsUntil { get; set; }

    public required string CallerId { get; init; }

    public required Behaviour Behaviour { get; init; }

    public required byte[] CreatedAt { get; init; }

    public string State { get; set; } = "Down";

    public bool InStasis { get; set; }

    /// <summary>After its end; what the agenda still holds for it is nothing any more.</summary>
    public bool IsGone { get; set; }

    public Bridge? Bridge { get; set; }

    public List<Playback> Playbacks { get; } = [];

    /// <summary>Only state and application change in a channel's life; the rest is written once.</summary>
    public void WriteTo(Utf8Text text)
    {
        _head ??= new Utf8Text(128).Add("{\"id\":\""u8).AddEscaped(Id).Add("\",\"name\":\"PJSIP/"u8).AddEscaped(Endpoint).Add("-"u8).AddHex(Serial)
            .Add("\",\"state\":\""u8).Written.ToArray();
        _tail ??= new Utf8Text(512).Add("\",\"protocol_id\":\"\",\"caller\":{\"name\":\"\",\"number\":\""u8).AddEscaped(Number)
            .Add("\"},\"connected\":{\"name\":\"\",\"number\":\""u8).AddEscaped(CallerId)
            .Add("\"},\"accountcode\":\"\",\"creationtime\":\""u8).Add(CreatedAt)
            .Add("\",\"language\":\"en\",\"dialplan\":{\"context\":\"default\",\"exten\":\"s\",\"priority\":1,\"app_name\":\""u8).Written.ToArray();
        text.Add(_head).Add(State).Add(_tail);
        if (InStasis)
        {
            _place ??= new Utf8Text(64).Add("Stasis\",\"app_data\":\""u8).AddEscaped(Application.Name).Add("\"}}"u8).Written.ToArray();
            text.Add(_place);
        }
        else
        {
            text.Add(State == "Up" ? "Wait\",\"app_data\":\"0.2\"}}"u8 : "AppDial2\",\"app_data\":\"(Outgoing Line)\"}}"u8);
        }
    }
}

/// <summary>A room in which channels hear one another.</summary>
internal sealed class Bridge(string id, string type, byte[] createdAt)
{
    public string Id { get; } = id;

    public List<Channel> Channels { get; } = [];

    public void WriteTo(Utf8Text text)
    {
        text.Add("{\"id\":\""u8).AddEscaped(Id).Add("\",\"technology\":\"simple_bridge\",\"bridge_type\":\""u8)
            .Add(type.Contains("holding", StringComparison.Ordinal) ? "holding" : "mixing")
            .Add("\",\"bridge_class\":\"stasis\",\"creator\":\"Stasis\",\"name\":\"\",\"channels\":["u8);
        text.AddStrings(Channels.Select(c => c.Id));
        text.Add("],\"creationtime\":\""u8).Add(createdAt).Add("\",\"video_mode\":\"none\"}"u8);
    }
}

/// <summary>A list of media played one after another.</summary>
internal sealed class Playback(string id, Application application, Channel? channel, string target, string[] media)
{
    public string Id { get; } = id;

    public Application Application { get; } = application;

    /// <summary>Null where it plays to a bridge.</summary>
    public Channel? Channel { get; } = channel;

    public string[] Media { get; } = media;

    public int Index { get; set; }

    public string State { get; set; } = "queued";

    public void WriteTo(Utf8Text text)
    {
        text.Add("{\"id\":\""u8).AddEscaped(Id).Add("\",\"media_uri\":\""u8).AddEscaped(Media[Index]);
        if (Index + 1 < Media.Length)
        {
            text.Add("\",\"next_media_uri\":\""u8).AddEscaped(Media[Index + 1]);
        }

        text.Add("\",\"target_uri\":\""u8).AddEscaped(target).Add("\",\"language\":\"en\",\"state\":\""u8).Add(State).Add("\"}"u8);
    }
}

internal static class JsonLists
{
    public static Utf8Text AddStrings(this Utf8Text text, IEnumerable<string> values)
    {
        var separator = ""u8;
        foreach (var value in values)
        {
            text.Add(separator).Add("\""u8).AddEscaped(value).Add("\""u8);
            separator = ","u8;
        }

        return text;
    }
}
