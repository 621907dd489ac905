using System.Text;
using CliWrap;

namespace Dialer.Grains.Speech;

/// <summary>Speaks with any program that makes a WAV file, by the command line in <see cref="SpeechOptions.Command"/>.</summary>
public sealed class ExternalProgramEngine : ISpeechEngine
{
    private readonly SpeechOptions _options;
    private readonly IReadOnlyList<string> _line;

    /// <exception cref="SpeechEngineException">The command line is missing or has an open quote.</exception>
    public ExternalProgramEngine(SpeechOptions options)
    {
        _options = options;
        _line = Split(options.Command ?? "");
        Name = $"program/{options.Command}/{options.Sound}";
    }

    public string Name { get; }

    public async Task<byte[]> RenderWavAsync(string text, string? voice, string culture, CancellationToken ct)
    {
        var name = _options.VoiceFor(voice, culture);
        var file = Path.Combine(Path.GetTempPath(), $"speech-{Guid.NewGuid():N}.wav");

        // The line is split before anything is put in: no text can add an argument.
        string Filled(string part) => part
            .Replace("{voice}", name, StringComparison.Ordinal)
            .Replace("{culture}", culture, StringComparison.Ordinal)
            .Replace("{out}", file, StringComparison.Ordinal)
            .Replace("{text}", text, StringComparison.Ordinal);
        bool Uses(string place) => _line.Any(part => part.Contains(place, StringComparison.Ordinal));
        var command = Cli.Wrap(_line[0])
            .WithArguments(_line.Skip(1).Select(Filled))
            .WithStandardInputPipe(Uses("{text}") ? PipeSource.Null : PipeSource.FromString(text));
        try
        {
            var output = await AudioProgram.RunAsync(command, _options.Timeout, $"Install «{_line[0]}», or correct Speech:Command.", ct);
            return Uses("{out}") ? await File.ReadAllBytesAsync(file, ct) : output;
        }
        catch (AudioProgramFailedException e)
        {
            throw new SpeechEngineException($"The program set as Speech:Command did not speak: {e.Message}", e);
        }
        catch (FileNotFoundException e)
        {
            throw new SpeechEngineException($"«{_line[0]}», set as Speech:Command, ended well but wrote no file to its {{out}}.", e);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static List<string> Split(string line)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var quoted = false;
        var begun = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
                begun = true;
            }
            else if (c == ' ' && !quoted)
            {
                if (begun)
                {
                    parts.Add(part.ToString());
                    part.Clear();
                    begun = false;
                }
            }
            else
            {
                part.Append(c);
                begun = true;
            }
        }

        if (begun)
        {
            parts.Add(part.ToString());
        }

        return parts.Count > 0 && !quoted
            ? parts
            : throw new SpeechEngineException("Speech:Command is empty or has a quote that is not closed. Write it like: piper --model {voice} --output_file {out}");
    }
}
