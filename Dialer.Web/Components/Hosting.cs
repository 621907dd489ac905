namespace Dialer.Web.Components;

public static class Hosting
{
    public static IServiceCollection AddDialerPages(this IServiceCollection services) => services;

    public static WebApplication MapDialerPages(this WebApplication app) => app;
}
