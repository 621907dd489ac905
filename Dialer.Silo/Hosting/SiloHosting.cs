using Dialer.Storage.Database;
using Npgsql;
using Prometheus;

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

    public static void MapDialerHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("ok"));
        app.MapGet("/health/ready", async (NpgsqlDataSource database, IHostApplicationLifetime lifetime, CancellationToken cancellationToken) =>
        {
            if (!lifetime.ApplicationStarted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
                return Results.Text("the silo is not running", statusCode: 503);
            try
            {
                await using var command = database.CreateCommand("select 1");
                command.CommandTimeout = 2;
                await command.ExecuteScalarAsync(cancellationToken);
                return Results.Text("ok");
            }
            catch (NpgsqlException)
            {
                return Results.Text("the database does not answer", statusCode: 503);
            }
        });
        app.MapMetrics();
    }
}
