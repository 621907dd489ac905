namespace Dialer.Grains.Speech;

/// <summary>What is wrong with a piece of audio.</summary>
public enum AudioFault
{
    /// <summary>It has no bytes, or no sound in it.</summary>
    Empty,

    /// <summary>It is not audio, or damaged, or of a kind that is not read.</summary>
    NotAudio,

    /// <summary>It is longer or larger than what is taken.</summary>
    TooLong,

    /// <summary>No clip has this id.</summary>
    Unknown,
}

/// <summary>Audio cannot be used. The message tells the person who uploaded it what to do.</summary>
public sealed class AudioException(AudioFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public AudioFault Fault { get; } = fault;
}

/// <summary>
/// A program or service that makes audio does not do its work: it is missing, fails, or takes too long. The message
/// tells whoever runs the silo what to install or set.
/// </summary>
public sealed class SpeechEngineException(string message, Exception? inner = null) : Exception(message, inner);
