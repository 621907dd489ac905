using Dialer.Web.Calls;
using Dialer.Web.Campaigns;
using Dialer.Web.Contacts;
using Dialer.Web.DialPlans;
using Dialer.Web.Nodes;
using Dialer.Web.Operators;
using Dialer.Web.Speech;
using Dialer.Web.Tenants;
using Dialer.Web.Trunks;

namespace Dialer.Web.Rest;

/// <summary>The REST API as a whole.</summary>
internal static class RestRegistration
{
    public static void AddDialerRest(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options => RestJson.Configure(options.SerializerOptions));
        services.AddExceptionHandler<Problems>();
        services.AddProblemDetails();
        services.AddDialerOpenApi();
        services.AddDialerQueries();
    }

    /// <summary>The gate, and problem details for whatever goes wrong behind it. Pages keep their own error pages.</summary>
    public static void UseDialerRest(this WebApplication app) => app.UseWhen(ApiGate.Guards, api =>
    {
        api.UseExceptionHandler();
        api.UseStatusCodePages(Problems.DescribeStatus);
        api.UseMiddleware<ApiGate>();
    });

    public static void MapDialerRest(this WebApplication app)
    {
        app.MapOpenApi();
        var api = app.MapGroup("/api/v1").AddEndpointFilter<ClusterFilter>();
        api.MapNodes();
        api.MapTenants();
        var tenant = api.MapGroup("/tenants/{tenant}").AddEndpointFilter<TenantFilter>();
        tenant.MapTrunks();
        tenant.MapOperators();
        tenant.MapAudio();
        tenant.MapExtensions();
        tenant.MapCampaigns();
        var campaign = tenant.MapGroup("/campaigns/{campaign}");
        campaign.MapLists();
        campaign.MapContacts();
        campaign.MapAttempts();
    }
}
