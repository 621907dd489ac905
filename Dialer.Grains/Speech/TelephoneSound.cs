using CliWrap;

namespace Dialer.Grains.Speech;

/// <summary>Turns audio of any kind that is read into telephone sound (8 kHz, mono, 16 bits), with sox.</summary>
internal static class TelephoneSound
{
    /// <summary>The longest audio that is taken.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private const string Install = "On Debian and Ubuntu: apt-get install sox libsox-fmt-mp3 opus-tools.";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    // One second beyond the longest tells «too long» apart, without unpacking what else a hostile file may hold.
    private static readonly string Enough = FormattableString.Invariant($"{Longest.TotalSeconds + 1}");

    /// <summary>The samples of an audio file.</summary>
    /// <param name="audio">A stream that knows its length and can be read from any place.</param>
    /// <param name="source">What to call the file in messages.</param>
    /// <param name="ct">Stops the conversion.</param>
    /// <exception cref="AudioException">It is not audio, empty, or longer than <see cref="Longest"/>.</exception>
    /// <exception cref="SpeechEngineException">sox is missing or takes too long.</exception>
    public static async Task<short[]> ReadAsync(Stream audio, string source, CancellationToken ct)
    {
        if (audio.Length == 0)
        {
            throw new AudioException(AudioFault.Empty, $"{source} is empty. Send the audio itself.");
        }

        var head = new byte[Math.Min(AudioKinds.HeadBytes, audio.Length)];
        await audio.ReadExactlyAsync(head, ct);
        audio.Position = 0;
        try
        {
            var raw = await AudioProgram.RunAsync(Conversion(head, audio, source), Timeout, Install, ct);
            return Checked(PcmWav.Samples(raw), source);
        }
        catch (AudioProgramFailedException e)
        {
            throw new AudioException(AudioFault.NotAudio,
                $"{source} begins like audio but cannot be read: {e.Message}. Save it again as WAV, MP3 or OGG.", e);
        }
    }

    private static Command Conversion(byte[] head, Stream audio, string source)
    {
        var input = PipeSource.FromStream(audio);
        return AudioKinds.Of(head) switch
        {
            AudioKind.Wav => Sox(input, "wav", PcmWav.HasFalseLength(head, audio.Length)),
            AudioKind.Mp3 => Sox(input, "mp3", falseLength: false),
            AudioKind.Flac => Sox(input, "flac", falseLength: false),
            AudioKind.Vorbis => Sox(input, "ogg", falseLength: false),

            // The sox of Debian has no Opus.
            AudioKind.Opus => Sox(
                PipeSource.FromCommand(Cli.Wrap("opusdec")
                    .WithArguments(["--quiet", "--force-wav", "--rate", "48000", "-", "-"])
                    .WithValidation(CommandResultValidation.None)
                    .WithStandardInputPipe(input)),
                "wav",
                falseLength: true),
            _ => throw new AudioException(AudioFault.NotAudio,
                $"{source} is not audio of a kind that is read. Save it as WAV, MP3 or OGG (Vorbis or Opus)."),
        };
    }

    private static Command Sox(PipeSource input, string kind, bool falseLength) => Cli.Wrap("sox")
        .WithArguments([
            "-V1", .. falseLength ? ["--ignore-length"] : Array.Empty<string>(), "-t", kind, "-",
            "-t", "raw", "-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer", "-L", "-",

            // The filter of the new rate overshoots: 2 dB of room keep full-scale recordings from clipping.
            "trim", "0", Enough, "gain", "-2",
        ])
        .WithStandardInputPipe(input);

    private static short[] Checked(short[] samples, string source)
    {
        if (samples.Length == 0)
        {
            throw new AudioException(AudioFault.Empty, $"{source} has no sound in it. Send a recording that can be heard.");
        }

        return PcmWav.Duration(samples.Length) <= Longest
            ? samples
            : throw new AudioException(AudioFault.TooLong,
                $"{source} is longer than {Longest.TotalMinutes:0} minutes. Shorten it: nobody listens that long on the telephone.");
    }
}
