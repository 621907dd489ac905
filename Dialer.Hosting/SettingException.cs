using Microsoft.Extensions.Configuration;

namespace Dialer.Hosting;

/// <summary>A setting is missing or wrong.</summary>
/// <param name="message">Names the setting and says what it can be.</param>
public sealed class SettingException(string message) : Exception(message)
{
    // Of sysexits.h: «configuration error». The units of systemd do not start a process again that ended so.
    private const int ExitCode = 78;

    /// <summary>Builds a process's application. One that lacks a setting says which, without a stack trace, and ends.</summary>
    public static T BuildOrEnd<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (SettingException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            Environment.Exit(ExitCode);
            throw;
        }
    }

    /// <summary>For a connection string that can't be read. It has a password in it, and what Npgsql says of it may repeat a part of that.</summary>
    /// <param name="path">The setting's.</param>
    public static SettingException NoConnectionString(string path) => new(
        $"{path} is no connection string that Npgsql understands. It is like 'Host=127.0.0.1;Port=5432;Database=dialer;Username=dialer;Password=…', "
        + "with Npgsql's names of settings; a value with ';', '=' or a quote in it goes in quotes.");

    /// <summary>Reads a setting of another type than text.</summary>
    /// <param name="configuration">Where it is.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="otherwise">What it is where it is not set.</param>
    /// <param name="parse">Reads it; false where it can't be read.</param>
    /// <param name="kind">What it can be: «a port from 1 to 65535».</param>
    /// <exception cref="SettingException">It can't be read.</exception>
    public static T Read<T>(IConfigurationSection configuration, string name, T otherwise, TryParse<T> parse, string kind) =>
        configuration[name] is not { Length: > 0 } written ? otherwise
        : parse(written, out var value) ? value
        : throw new SettingException($"{configuration.Path}:{name} is '{written}', which is not {kind}.");
}

/// <summary>As <see cref="int.TryParse(string, out int)"/>.</summary>
public delegate bool TryParse<T>(string written, out T value);
