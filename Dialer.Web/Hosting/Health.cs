using Dialer.Storage.Database;
using Npgsql;

namespace Dialer.Web.Hosting;

/// <summary>Whether the web can do its work now.</summary>
public sealed record Readiness(bool Ready, bool Cluster, bool Database);

internal static class Health
{
    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: silo and database can be reached too. Both need no key.</summary>
    public static void MapDialerHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        app.MapGet("/health/ready", async (ClusterConnection cluster, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        {
            var answers = await DatabaseAnswer.AskAsync(database, cancellationToken) == DatabaseState.Well;
            var readiness = new Readiness(cluster.IsConnected && answers, cluster.IsConnected, answers);
            return Results.Json(
                readiness, statusCode: readiness.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).ExcludeFromDescription();
    }
}
