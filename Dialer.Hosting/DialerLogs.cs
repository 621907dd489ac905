using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Dialer.Hosting;

/// <summary>How silo and web log: to standard output, as plain text or as one JSON object a line, without telephone numbers.</summary>
public static class DialerLogs
{
    /// <summary>The setting: <c>plain</c> (default) or <c>json</c>.</summary>
    public const string Setting = "Dialer:Logs";

    /// <summary>Whether lines are JSON.</summary>
    /// <exception cref="SettingException">The setting is neither of the two.</exception>
    public static bool AreJson(IConfiguration configuration) => configuration[Setting] switch
    {
        null or "" or "plain" => false,
        "json" => true,
        var other => throw new SettingException($"{Setting} is '{other}'; it can be 'plain' or 'json'."),
    };

    /// <summary>Puts the formatter in the place of the console's own.</summary>
    /// <exception cref="SettingException">The setting is wrong.</exception>
    public static void AddDialerLogs(this ILoggingBuilder logging, IConfiguration configuration)
    {
        var json = AreJson(configuration);
        logging.Services.AddSingleton<ConsoleFormatter>(_ => new MaskedFormatter(Inner(json, configuration)));
        logging.AddConsole(options => options.FormatterName = MaskedFormatter.FormatterName);
    }

    // The formatters of .NET are not to be had but from a logging of their own.
    private static ConsoleFormatter Inner(bool json, IConfiguration configuration)
    {
        var services = new ServiceCollection().AddLogging(logging =>
        {
            logging.AddConfiguration(configuration.GetSection("Logging"));
            if (json)
                logging.AddJsonConsole(options => (options.IncludeScopes, options.UseUtcTimestamp, options.TimestampFormat) = (true, true, "O"));
            else
                logging.AddSimpleConsole();
        });
        return services.BuildServiceProvider().GetServices<ConsoleFormatter>()
            .Single(f => f.Name == (json ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple));
    }
}
