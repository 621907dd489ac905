using Dialer.Grains.Speech;
using Dialer.Tests.Speech;

namespace Dialer.Tests.Calls;

/// <summary>Speaks every text as a tenth of a second of tone, so that calls need no speech program; refuses what it is told to.</summary>
public sealed class ToneEngine : ISpeechEngine
{
    private static readonly byte[] s_tone = PcmWav.Write(SoundWorkshop.Tone(440, 0.1, 8000));

    public string Name => "tone";

    /// <summary>Texts that can't be spoken. Default: none.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    public Task<byte[]> RenderWavAsync(string text, string? voice, string culture, CancellationToken ct) => Fails(text)
        ? Task.FromException<byte[]>(new SpeechEngineException("The engine of this test refuses this text."))
        : Task.FromResult(s_tone);
}
