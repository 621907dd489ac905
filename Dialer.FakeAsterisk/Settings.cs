using System.Globalization;
using Dialer.Simulation.Scripts;

namespace Dialer.Simulation;

/// <summary>What the command line tells.</summary>
internal sealed record Settings(int Port, string User, string Password, string? Log, Script Script, int Seed)
{
    public const string Usage =
        """
        scripts/fake-asterisk.sh [--port PORT] [--user NAME] [--password WORD] [--script FILE] [--log FILE] [--seed N]
          Prints its ARI address when it is ready; ends by SIGTERM. Without a port it takes a free one, without a script everybody
          answers at once and stays. docs/performance.md describes scripts and log.
        """;

    /// <exception cref="InvalidOperationException">An option is unknown, or its value is no good; the message says which.</exception>
    public static Settings Read(string[] arguments)
    {
        var settings = new Settings(0, "dialer", "example", null, new Script(), 1);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : throw new InvalidOperationException($"{arguments[i]} wants a value.\n{Usage}");
            settings = arguments[i] switch
            {
                "--port" => settings with { Port = Number(value) },
                "--user" => settings with { User = value },
                "--password" => settings with { Password = value },
                "--script" => settings with { Script = Script.Read(value) },
                "--log" => settings with { Log = value },
                "--seed" => settings with { Seed = Number(value) },
                _ => throw new InvalidOperationException($"There is no option {arguments[i]}.\n{Usage}"),
            };
        }

        return settings;
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new InvalidOperationException($"'{text}' is no number.");
}
