using System.Globalization;
using System.Net;
using Dialer.Grains.Nodes;
using Dialer.Grains.Speech;
using Dialer.Hosting;
using Dialer.Storage.Database;

namespace Dialer.Silo.Hosting;

/// <summary>What a silo must be told: the section <c>Dialer</c> of its configuration (docs/operating.md has every setting).</summary>
public sealed record SiloSettings
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dialer";

    /// <summary>Npgsql connection string.</summary>
    public required string Database { get; init; }

    /// <summary>The Asterisk nodes.</summary>
    public required IReadOnlyList<NodeSettings> Nodes { get; init; }

    /// <summary>Where clips are kept for the nodes: a folder that they share, or this silo's address that they fetch from.</summary>
    public required MediaOptions Media { get; init; }

    /// <summary>The speech engine.</summary>
    public required SpeechOptions Speech { get; init; }

    /// <summary>Port for other silos.</summary>
    public int Port { get; init; } = 11111;

    /// <summary>Port for clients.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>The address at which other silos and clients reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The cluster that silos and clients find each other by.</summary>
    public string ClusterId { get; init; } = "dialer";

    /// <summary>For how long attempts are kept after their beginning; null for ever.</summary>
    public TimeSpan? KeepAttempts { get; init; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="SettingException">A setting is missing or wrong; the message names it.</exception>
    public static SiloSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var nodes = section.GetSection("Nodes").GetChildren().Select(ReadNode).ToList();
        if (nodes.Count == 0)
            throw Missing("Nodes:0:Id");
        if (nodes.DistinctBy(n => n.Id).Count() < nodes.Count)
            throw new SettingException($"{Section}:Nodes names the same Id twice.");
        var database = Required(section, "Database");
        if (!DatabaseRegistration.IsUnderstood(database))
            throw SettingException.NoConnectionString($"{Section}:Database");
        return new SiloSettings
        {
            Database = database,
            Nodes = nodes,
            Media = new MediaOptions
            {
                Folder = Path.GetFullPath(section["Media:Folder"] ?? "media"),
                BaseUrl = ReadUrl(section, "Media:BaseUrl"),
            },
            Speech = ReadSpeech(section),
            Port = ReadNumber(section, "Silo:Port", 11111, IPEndPoint.MaxPort),
            GatewayPort = ReadNumber(section, "Silo:GatewayPort", 30000, IPEndPoint.MaxPort),
            Address = SettingException.Read(section, "Silo:Address", IPAddress.Loopback, IPAddress.TryParse!, "an IP address"),
            KeepAttempts = section["KeepAttempts"] is { Length: > 0 } kept ? ReadKept(kept) : null,
        };
    }

    // A day at least: an order to call that is late must find its attempt. At most as far back as calendars go.
    private static TimeSpan ReadKept(string kept) =>
        TimeSpan.TryParse(kept, CultureInfo.InvariantCulture, out var length) && length.TotalDays is >= 1 and <= 36_500 ? length
            : throw new SettingException($"{Section}:KeepAttempts '{kept}' is no number of days from 1 to 36500 (90, or 90.00:00:00).");

    private static NodeSettings ReadNode(IConfigurationSection node)
    {
        Required(node, "AriUrl");
        var url = ReadUrl(node, "AriUrl")!;
        return new NodeSettings
        {
            Id = Required(node, "Id"),
            // Asterisk's paths come below it.
            AriUrl = url.AbsolutePath.EndsWith('/') ? url : new UriBuilder(url) { Path = url.AbsolutePath + "/" }.Uri,
            User = Required(node, "User"),
            Password = Required(node, "Password"),
            Capacity = ReadNumber(node, "Capacity", 2000, int.MaxValue),
            Application = node["Application"] ?? "dialer",
        };
    }

    private static SpeechOptions ReadSpeech(IConfigurationSection section)
    {
        var otherwise = new SpeechOptions();
        var speech = new SpeechOptions
        {
            Engine = SettingException.Read(
                section, "Speech:Engine", otherwise.Engine,
                (string written, out SpeechEngineKind kind) => Enum.TryParse(written, ignoreCase: true, out kind) && Enum.IsDefined(kind) && char.IsLetter(written[0]),
                string.Join(", ", Enum.GetNames<SpeechEngineKind>())),
            Command = section["Speech:Command"],
            Url = ReadUrl(section, "Speech:Url"),
            VoiceRu = section["Speech:VoiceRu"] ?? otherwise.VoiceRu,
            VoiceEn = section["Speech:VoiceEn"] ?? otherwise.VoiceEn,
            WordsPerMinute = ReadNumber(section, "Speech:WordsPerMinute", otherwise.WordsPerMinute, 1000),
            Timeout = SettingException.Read(
                section, "Speech:Timeout", otherwise.Timeout,
                (string written, out TimeSpan time) => TimeSpan.TryParse(written, CultureInfo.InvariantCulture, out time) && time > TimeSpan.Zero && time.TotalHours <= 1,
                "a time of at most an hour (00:00:20)"),
        };
        try
        {
            // What it needs is set.
            using var http = new HttpClient();
            SpeechEngines.Create(speech, http);
        }
        catch (SpeechEngineException e)
        {
            throw new SettingException($"{Section}:Speech:Engine is {speech.Engine}: {e.Message}");
        }

        return speech;
    }

    private static Uri? ReadUrl(IConfigurationSection section, string name) => SettingException.Read<Uri?>(
        section, name, null,
        (string written, out Uri? url) => Uri.TryCreate(written, UriKind.Absolute, out url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps),
        "a URL that begins with http:// or https://");

    private static int ReadNumber(IConfigurationSection section, string name, int otherwise, int most) => SettingException.Read(
        section, name, otherwise, (string written, out int number) => int.TryParse(written, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most,
        $"a number from 1 to {most}");

    private static string Required(IConfigurationSection section, string name) =>
        section[name] is { Length: > 0 } value ? value : throw Missing($"{section.Path[(section.Path.IndexOf(':', StringComparison.Ordinal) + 1)..]}:{name}");

    private static SettingException Missing(string name)
    {
        var path = name.StartsWith(Section, StringComparison.Ordinal) ? name : $"{Section}:{name}";
        return new($"Missing setting: {path}. Set it in appsettings.json or as an environment variable ({path.Replace(":", "__", StringComparison.Ordinal)}).");
    }
}
