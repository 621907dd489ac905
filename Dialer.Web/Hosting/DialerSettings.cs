using Dialer.Hosting;
using Dialer.Storage.Database;

namespace Dialer.Web.Hosting;

/// <summary>What the web host must be told: the section <c>Dialer</c> of its configuration.</summary>
public sealed record DialerSettings
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dialer";

    /// <summary>Npgsql connection string of the database that the silos use too.</summary>
    public required string Database { get; init; }

    /// <summary>The key that REST clients show in <c>Authorization: Bearer …</c>.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The password of the web interface.</summary>
    public required string WebPassword { get; init; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="SettingException">A setting is missing, and the message names all that are; or the database's can't be read.</exception>
    public static DialerSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        string[] names = [nameof(Database), nameof(ApiKey), nameof(WebPassword)];
        var missing = names.Where(name => string.IsNullOrWhiteSpace(section[name])).ToArray();
        if (missing.Length > 0)
        {
            var settings = string.Join(", ", missing.Select(name => $"{Section}:{name}"));
            var variables = string.Join(", ", missing.Select(name => $"{Section}__{name}"));
            throw new SettingException(
                $"Missing setting: {settings}. Set it in appsettings.json or as an environment variable ({variables}).");
        }

        if (!DatabaseRegistration.IsUnderstood(section[nameof(Database)]!))
            throw SettingException.NoConnectionString($"{Section}:{nameof(Database)}");
        return new DialerSettings
        {
            Database = section[nameof(Database)]!,
            ApiKey = section[nameof(ApiKey)]!,
            WebPassword = section[nameof(WebPassword)]!,
        };
    }
}
