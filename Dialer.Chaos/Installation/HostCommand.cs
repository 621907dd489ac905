using System.ComponentModel;
using System.Diagnostics;

namespace Dialer.Chaos.Installation;

/// <summary>A command of the machine's; most of them take root.</summary>
internal static class HostCommand
{
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It is not there, or it failed; with what it said.</exception>
    public static string Run(string program, params string[] arguments)
    {
        var command = $"{program} {string.Join(' ', arguments)}";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var complaint = process.StandardError.ReadToEndAsync();
            var printed = process.StandardOutput.ReadToEnd();
            var said = complaint.GetAwaiter().GetResult();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"«{command}» failed (does it run as root?): {said.Trim()}");
            return printed;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"«{command}» can't be run: {e.Message}", e);
        }
    }
}
