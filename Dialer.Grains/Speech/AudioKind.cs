namespace Dialer.Grains.Speech;

/// <summary>The kinds of audio file that are read.</summary>
internal enum AudioKind
{
    Unknown,
    Wav,
    Mp3,
    Flac,
    Vorbis,
    Opus,
}

/// <summary>Tells the kind of a file from its first bytes: what a browser or a header calls it is often wrong.</summary>
internal static class AudioKinds
{
    /// <summary>How many bytes <see cref="Of"/> looks at.</summary>
    public const int HeadBytes = 4096;

    public static AudioKind Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("RIFF"u8) && head.Length >= 12 && head[8..].StartsWith("WAVE"u8))
        {
            return AudioKind.Wav;
        }

        if (head.StartsWith("fLaC"u8))
        {
            return AudioKind.Flac;
        }

        if (head.StartsWith("OggS"u8))
        {
            return head.IndexOf("OpusHead"u8) >= 0 ? AudioKind.Opus
                : head.IndexOf("\u0001vorbis"u8) >= 0 ? AudioKind.Vorbis
                : AudioKind.Unknown;
        }

        return head.StartsWith("ID3"u8) || IsMpegFrame(head) ? AudioKind.Mp3 : AudioKind.Unknown;
    }

    // Eleven ones, then version (01 is reserved), layer (01 is III), bit rate (1111 is none) and sample rate (11 is none).
    private static bool IsMpegFrame(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0
        && ((head[1] >> 3) & 3) != 1 && ((head[1] >> 1) & 3) == 1
        && (head[2] >> 4) != 15 && ((head[2] >> 2) & 3) != 3;
}
