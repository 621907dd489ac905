namespace Dialer.Grains.Speech;

/// <summary>Makes the engine that the options ask for.</summary>
public static class SpeechEngines
{
    /// <exception cref="SpeechEngineException">What this engine needs is not set.</exception>
    public static ISpeechEngine Create(SpeechOptions options, HttpClient http) => options.Engine switch
    {
        SpeechEngineKind.Espeak => new EspeakEngine(options),
        SpeechEngineKind.Program => new ExternalProgramEngine(options),
        SpeechEngineKind.Http => new HttpSpeechEngine(http, options),
        _ => throw new SpeechEngineException($"Speech:Engine «{options.Engine}» is not known: Espeak, Program and Http are."),
    };
}
