using System.Globalization;
using CliWrap;

namespace Dialer.Grains.Speech;

/// <summary>Speaks with the program espeak-ng.</summary>
public sealed class EspeakEngine(SpeechOptions options, string program = "espeak-ng") : ISpeechEngine
{
    private const string Install =
        "On Debian and Ubuntu: apt-get install espeak-ng. Or set another engine (Speech:Engine).";

    public string Name { get; } = "espeak-ng/" + options.Sound;

    public async Task<byte[]> RenderWavAsync(string text, string? voice, string culture, CancellationToken ct)
    {
        var name = options.VoiceFor(voice, culture);
        var command = Cli.Wrap(program)
            .WithArguments([
                "-v", name, "-s", options.WordsPerMinute.ToString(CultureInfo.InvariantCulture),
                "-b", "1", "--stdin", "--stdout",
            ])

            // Between double brackets espeak-ng expects phonemes, not text.
            .WithStandardInputPipe(PipeSource.FromString(text.Replace("[[", "[ [", StringComparison.Ordinal)));
        try
        {
            return await AudioProgram.RunAsync(command, options.Timeout, Install, ct);
        }
        catch (AudioProgramFailedException e)
        {
            throw new SpeechEngineException($"The voice «{name}» did not speak: {e.Message} The voices are listed by «{program} --voices».", e);
        }
    }
}
