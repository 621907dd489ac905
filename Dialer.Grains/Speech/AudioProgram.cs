using System.ComponentModel;
using System.Text;
using CliWrap;

namespace Dialer.Grains.Speech;

/// <summary>Runs a program that makes or converts audio, with its input and output in memory.</summary>
internal static class AudioProgram
{
    // Enough for the line in which a program says what is wrong.
    private const int ShownErrorLength = 300;

    /// <summary>What the program wrote to its output; throws where it is missing, fails, or takes too long.</summary>
    /// <param name="command">The program with its arguments and input.</param>
    /// <param name="timeout">After this long it is killed.</param>
    /// <param name="install">What to do if it is not there.</param>
    /// <param name="ct">Stops the program.</param>
    /// <exception cref="SpeechEngineException">It is missing, or took too long.</exception>
    /// <exception cref="AudioProgramFailedException">It ended with an error of its own.</exception>
    public static async Task<byte[]> RunAsync(Command command, TimeSpan timeout, string install, CancellationToken ct)
    {
        using var output = new MemoryStream();
        var errors = new StringBuilder();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            var result = await command
                .WithStandardOutputPipe(PipeTarget.ToStream(output))
                .WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(limit.Token);
            if (result.ExitCode != 0)
            {
                var said = errors.ToString().Trim();
                throw new AudioProgramFailedException(command.TargetFilePath, result.ExitCode,
                    said.Length <= ShownErrorLength ? said : "…" + said[^ShownErrorLength..]);
            }

            return output.ToArray();
        }
        catch (Win32Exception e)
        {
            throw new SpeechEngineException($"A program that audio needs cannot be started ({e.Message}). {install}", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new SpeechEngineException(
                $"{command.TargetFilePath} took longer than {timeout.TotalSeconds:0} s and was stopped. Look at the load of this machine, or allow it more time.", e);
        }
    }
}

/// <summary>A program ended with an error of its own.</summary>
internal sealed class AudioProgramFailedException(string program, int exitCode, string said)
    : Exception($"{program} failed (exit code {exitCode}): {(said.Length == 0 ? "it gave no reason" : said)}");
