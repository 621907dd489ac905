using Dialer.Hosting;
using Dialer.Storage.Database;
using Dialer.Web.Components;
using Dialer.Web.Hosting;
using Dialer.Web.Rest;

namespace Dialer.Web;

/// <summary>The web interface and the REST API, as an Orleans client.</summary>
public static class Program
{
    // Who runs it waits for 15 s (./dialer) or 20 (systemd).
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(12);

    public static Task Main(string[] args) => SettingException.BuildOrEnd(() => Build(args)).RunAsync();

    /// <summary>The whole application, not started; tests host the same.</summary>
    public static WebApplication Build(string[] args)
    {
        // Its own name, not the host's: tests host it too, and the static files are listed under this name.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ApplicationName = typeof(Program).Assembly.GetName().Name });
        builder.WebHost.UseStaticWebAssets();
        var settings = DialerSettings.Read(builder.Configuration);
        builder.ListenOnLoopbackUnlessTold();
        builder.Logging.AddDialerLogs(builder.Configuration);
        builder.Services.EndInTime(LongestEnd);
        builder.Services.AddSingleton(settings);
        builder.Services.AddDialerDatabase(settings.Database, options => options.ApplicationName = "dialer-web").AddDatabaseTime();
        builder.AddDialerCluster(settings);
        builder.Services.AddDialerRest();
        builder.Services.AddDialerPages();

        var app = builder.Build();
        app.UseDialerRest();
        app.MapDialerHealth();
        app.MapDialerMetrics();
        app.MapDialerRest();
        app.MapDialerPages();
        app.MapDialerDashboard();
        return app;
    }
}
