using Dialer.Hosting;
using Dialer.Silo.Hosting;
using Dialer.Silo.Speech;
using Dialer.Storage.Database;

namespace Dialer.Silo;

/// <summary>A silo: the host of the grains, with the database, the event sockets, speech and media.</summary>
public static class Program
{
    // The host takes 25 s at most (Cluster), and who runs it waits for 30 (./dialer) or 40 (systemd).
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(28);

    public static async Task Main(string[] args)
    {
        await using var app = SettingException.BuildOrEnd(() => Build(args));
        // Orleans reads its membership from these tables, so they come first; this waits for a database that is not there yet.
        await app.MigrateAsync();
        await app.RunAsync();
    }

    /// <summary>The whole application, not started; tests host the same.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var settings = SiloSettings.Read(builder.Configuration);
        builder.ListenOnLoopbackUnlessTold();
        builder.Logging.AddDialerLogs(builder.Configuration);
        builder.AddDialerTraces();
        builder.Services.EndInTime(LongestEnd);
        builder.Services.AddDialerDatabase(settings.Database, options => options.ApplicationName = "dialer-silo").AddDatabaseTime();
        builder.Services.AddDialerGrains(settings);
        builder.Host.UseOrleans(silo => silo.UseDialerCluster(settings).AddDialerDashboard(builder.Configuration));
        // They begin when the silo has joined, and end before it leaves: what is registered later starts later.
        builder.Services.AddDialerWatchdogs();

        var app = builder.Build();
        app.MapDialerHealth();
        app.MapDialerMetrics();
        app.MapDialerMedia();
        return app;
    }
}
