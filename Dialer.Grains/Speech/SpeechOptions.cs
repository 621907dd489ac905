using System.Globalization;

namespace Dialer.Grains.Speech;

/// <summary>What turns text into speech.</summary>
public enum SpeechEngineKind
{
    /// <summary>The free program espeak-ng: small, quick, a little tin-voiced.</summary>
    Espeak,

    /// <summary>Any program that writes a WAV file.</summary>
    Program,

    /// <summary>A service that is sent text and answers with audio.</summary>
    Http,
}

/// <summary>How text is turned into speech on this silo.</summary>
public sealed record SpeechOptions
{
    public SpeechEngineKind Engine { get; init; }

    /// <summary>
    /// For <see cref="SpeechEngineKind.Program"/>: the command line, with <c>{text}</c>, <c>{voice}</c>, <c>{culture}</c> and
    /// <c>{out}</c> for what is put in. Without <c>{text}</c> the text comes on its input; without <c>{out}</c> the audio
    /// is taken from its output. Double quotes keep spaces together. It is not run through a shell.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>For <see cref="SpeechEngineKind.Http"/>: where the text is sent.</summary>
    public Uri? Url { get; init; }

    /// <summary>The voice for Russian, where none is asked for.</summary>
    public string VoiceRu { get; init; } = "ru";

    /// <summary>The voice for everything else, where none is asked for.</summary>
    public string VoiceEn { get; init; } = "en-us";

    /// <summary>How fast espeak-ng speaks.</summary>
    public int WordsPerMinute { get; init; } = 150;

    /// <summary>How long one text may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The voice to speak with.</summary>
    /// <exception cref="SpeechEngineException">
    /// The voice that is asked for is not a name: voices come from customers, and programs take paths and options for them.
    /// </exception>
    internal string VoiceFor(string? voice, string culture)
    {
        var name = voice ?? (SpokenLanguage.IsRussian(culture) ? VoiceRu : VoiceEn);
        return name.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || "-_+. ".Contains(c, StringComparison.Ordinal))
            ? name
            : throw new SpeechEngineException($"«{WrittenNumber.Shown(name)}» is not the name of a voice: letters, digits, -, _, + and . make one.");
    }

    /// <summary>What of these options changes the sound: part of a clip's id, so that a new setting is heard at once.</summary>
    internal string Sound => string.Create(CultureInfo.InvariantCulture, $"{VoiceRu}/{VoiceEn}/{WordsPerMinute}");
}
