using Dialer.Grains.Nodes;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;
using Npgsql;
using Orleans.Runtime;

namespace Dialer.Silo.Hosting;

/// <summary>Where a silo listens, how it begins, and how it says that it is well.</summary>
internal static class SiloHosting
{
    /// <summary>On 127.0.0.1 unless told otherwise: metrics and media are for the inside.</summary>
    public static void ListenOnLoopbackUnlessTold(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["urls"]) && string.IsNullOrEmpty(builder.Configuration["http_ports"]))
            builder.WebHost.UseUrls("http://127.0.0.1:8081");
    }

    public static Task MigrateAsync(this WebApplication app) => DatabaseMigrations.ApplyAsync(
        app.Services.GetRequiredService<NpgsqlDataSource>(), app.Services.GetRequiredService<TimeProvider>(),
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Dialer.Silo.Migrations"), app.Lifetime.ApplicationStopping);

    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work, or 503 and why not.</summary>
    public static void MapDialerHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("ok"));
        app.MapGet("/health/ready", async (
            NpgsqlDataSource database, IHostApplicationLifetime lifetime, IClusterMembershipService members, ILocalSiloDetails self, AsteriskNodes nodes,
            AttemptStore attempts, CancellationToken cancellationToken) =>
        {
            var readiness = ReadinessRule.Decide(new SiloCondition(
                lifetime.ApplicationStarted.IsCancellationRequested, lifetime.ApplicationStopping.IsCancellationRequested,
                await DatabaseAnswer.AskAsync(database, cancellationToken), members.CurrentSnapshot.GetSiloStatus(self.SiloAddress), nodes.Known, attempts.Refused));
            return Results.Json(readiness, statusCode: readiness.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
