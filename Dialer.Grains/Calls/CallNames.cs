namespace Dialer.Grains.Calls;

/// <summary>
/// Names of what a call has on its node. The call's own channel carries its key; everything else begins with the key and '~', so
/// that an event finds its call, and reconciliation finds what a call left behind, by the name alone.
/// </summary>
public static class CallNames
{
    private const char Separator = '~';

    public static string Leg(string key, int number) => $"{key}{Separator}op{number}";

    public static string Playback(string key, int number) => $"{key}{Separator}p{number}";

    public static string Bridge(string key) => $"{key}{Separator}b";

    /// <summary>The key that a channel, playback or bridge belongs to.</summary>
    public static string KeyOf(string name)
    {
        var separator = name.IndexOf(Separator, StringComparison.Ordinal);
        return separator < 0 ? name : name[..separator];
    }

    /// <summary>Whether a key is an attempt's; others are calls from a phone of the office.</summary>
    public static bool IsAttempt(string key) => Guid.TryParseExact(key, "D", out _);
}
