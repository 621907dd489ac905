using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>Gives a host its one <see cref="NpgsqlDataSource"/>.</summary>
public static class DatabaseRegistration
{
    /// <summary>
    /// Registers a singleton <see cref="NpgsqlDataSource"/> and the <see cref="DatabaseOptions"/> it is made from.
    /// Nothing connects here; see <see cref="DatabaseMigrations"/> for waiting until the database is there.
    /// </summary>
    /// <exception cref="ArgumentException">The connection string is empty or not understood.</exception>
    public static IServiceCollection AddDialerDatabase(
        this IServiceCollection services, string connectionString, Action<DatabaseOptions>? configure = null)
    {
        var options = new DatabaseOptions { ConnectionString = connectionString };
        configure?.Invoke(options);
        var effective = EffectiveConnectionString(options);

        services.AddSingleton(options);
        services.AddSingleton(provider => Build(effective, provider.GetService<ILoggerFactory>()));
        return services;
    }

    /// <summary>A data source with the same settings, for tools and tests without a host. The caller disposes of it.</summary>
    /// <exception cref="ArgumentException">The connection string is empty or not understood.</exception>
    public static NpgsqlDataSource CreateDataSource(DatabaseOptions options, ILoggerFactory? loggers = null) =>
        Build(EffectiveConnectionString(options), loggers);

    /// <summary>Whether Npgsql can read a connection string: it knows every name in it, and numbers are numbers.</summary>
    public static bool IsUnderstood(string connectionString)
    {
        try
        {
            _ = EffectiveConnectionString(new DatabaseOptions { ConnectionString = connectionString });
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static NpgsqlDataSource Build(string connectionString, ILoggerFactory? loggers) =>
        new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(loggers).Build();

    private static string EffectiveConnectionString(DatabaseOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            throw new ArgumentException(
                "The connection string of the database is empty; give one like 'Host=127.0.0.1;Database=dialer;Username=dialer'.",
                nameof(options));
        }

        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The text itself may hold a password, so the message repeats only what Npgsql says about it.
            throw new ArgumentException($"The connection string of the database is not understood: {error.Message}", nameof(options), error);
        }

        void Default(string keyword, object value)
        {
            if (!builder.ShouldSerialize(keyword))
            {
                builder[keyword] = value;
            }
        }

        var keepAlive = (int)options.KeepAlive.TotalSeconds;
        Default("Application Name", options.ApplicationName);
        Default("Maximum Pool Size", options.MaxPoolSize);
        Default("Timeout", (int)options.ConnectTimeout.TotalSeconds);
        Default("Command Timeout", (int)options.CommandTimeout.TotalSeconds);
        Default("Multiplexing", false);
        Default("Tcp Keepalive", true);
        Default("Tcp Keepalive Time", keepAlive);
        Default("Tcp Keepalive Interval", keepAlive);
        // Hot statements are few and always the same: preparing them saves the planner's part of every call.
        Default("Max Auto Prepare", 64);
        Default("Auto Prepare Min Usages", 2);
        return builder.ConnectionString;
    }
}
