namespace Dialer.Grains.Speech;

/// <summary>Turns text into speech.</summary>
public interface ISpeechEngine
{
    /// <summary>What makes the sound, with the settings that change it: clips of different names are kept apart.</summary>
    string Name { get; }

    /// <summary>The text as audio: WAV of any rate, or another kind that uploads may have.</summary>
    /// <param name="text">What to say.</param>
    /// <param name="voice">The engine's name of a voice; null for the one that is set for the language.</param>
    /// <param name="culture">The language of the text, like «ru-RU».</param>
    /// <param name="ct">Stops the engine.</param>
    /// <exception cref="SpeechEngineException">It is missing, fails, or takes too long; says what to do.</exception>
    Task<byte[]> RenderWavAsync(string text, string? voice, string culture, CancellationToken ct);
}
