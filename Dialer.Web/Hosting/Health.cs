using Npgsql;

namespace Dialer.Web.Hosting;

/// <summary>Whether the web can do its work now.</summary>
public sealed record Readiness(bool Ready, bool Cluster, bool Database);

internal static class Health
{
    private static readonly TimeSpan DatabaseTimeout = TimeSpan.FromSeconds(2);

    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: silo and database can be reached too. Both need no key.</summary>
    public static void MapDialerHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        app.MapGet("/health/ready", async (ClusterConnection cluster, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        {
            var answers = await Answers(database, cancellationToken);
            var readiness = new Readiness(cluster.IsConnected && answers, cluster.IsConnected, answers);
            return Results.Json(
                readiness, statusCode: readiness.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).ExcludeFromDescription();
    }

    private static async Task<bool> Answers(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(DatabaseTimeout);
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(timeout.Token);
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
