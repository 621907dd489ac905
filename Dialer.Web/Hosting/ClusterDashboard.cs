using Orleans.Dashboard;

namespace Dialer.Web.Hosting;

/// <summary>The Orleans dashboard, for whoever is logged in to the pages; it has no login of its own.</summary>
internal static class ClusterDashboard
{
    public const string Path = "/cluster";

    /// <summary>What grains have stored: trunks' and phones' passwords among it, which nobody is ever given back.</summary>
    private const string GrainState = $"{Path}/GrainState";

    // The log that it could show is this process's own, and what is in it is not for pages.
    public static IClientBuilder AddDialerDashboard(this IClientBuilder client) => client.AddDashboard(options => options.HideTrace = true);

    public static void MapDialerDashboard(this WebApplication app)
    {
        var dashboard = app.MapOrleansDashboard(Path);
        dashboard.RequireAuthorization().ExcludeFromDescription();
        dashboard.AddEndpointFilter(async (call, next) =>
            call.HttpContext.Request.Path.StartsWithSegments(GrainState) ? Results.NotFound()
            : call.HttpContext.RequestServices.GetRequiredService<ClusterConnection>().IsConnected ? await next(call)
            : Results.Text("No silo can be reached.", statusCode: StatusCodes.Status503ServiceUnavailable));
    }
}
