using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Trunks;

namespace Dialer.Grains.Trunks;

/// <summary>Whether a trunk's settings are acceptable. What goes into Asterisk's configuration has no room for surprises.</summary>
public static class TrunkRules
{
    /// <summary>Codecs that a trunk may have.</summary>
    public static readonly IReadOnlyList<string> Codecs = ["alaw", "ulaw", "g722"];

    /// <summary>Throws <see cref="RefusedException"/> naming the first field that is not acceptable.</summary>
    public static void Check(TrunkSettings settings)
    {
        if (settings.Host.Length is 0 or > 253 || Uri.CheckHostName(settings.Host) is UriHostNameType.Unknown or UriHostNameType.Basic)
            throw RefusedException.Invalid("host", "The host is a name or an IP address, without a port.");
        if (settings.Port is < 1 or > 65535)
            throw RefusedException.Invalid("port", "The port is 1 to 65535.");
        if (settings.Lines is < 1 or > 10_000)
            throw RefusedException.Invalid("lines", "A trunk has 1 to 10,000 lines.");
        if (settings.CallsPerSecond is not (>= 0.1 and <= 10_000))
            throw RefusedException.Invalid("callsPerSecond", "The calls per second are 0.1 to 10,000.");
        CheckText(settings.Username, "username");
        CheckText(settings.Password, "password");
        if (settings.CallerId is { } callerId && (callerId.Length is 0 or > 32 || !callerId.TrimStart('+').All(char.IsAsciiDigit)))
            throw RefusedException.Invalid("callerId", "The caller id is up to 32 digits, with or without a leading '+'.");
        if (settings.Codecs is { } codecs && (codecs.Count == 0 || codecs.Except(Codecs).Any()))
            throw RefusedException.Invalid("codecs", $"The codecs are one or more of {string.Join(", ", Codecs)}.");
    }

    private static void CheckText(string? value, string field)
    {
        if (value is not null && (value.Length is 0 or > 128 || value.Any(c => char.IsControl(c) || c is ';' or '"')))
            throw RefusedException.Invalid(field, $"The {field} is 1 to 128 printable characters without ';' and '\"'.");
    }
}
