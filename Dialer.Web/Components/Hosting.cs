using System.Globalization;
using Dialer.Web.Components.Campaigns;
using Dialer.Web.Components.Layout;
using Dialer.Web.Components.Login;
using Dialer.Web.Components.Words;
using Dialer.Web.Resources;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;

namespace Dialer.Web.Components;

/// <summary>The pages of the web interface, as the host adds them.</summary>
public static class Hosting
{
    /// <summary>How long a session lives without a request.</summary>
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(12);

    /// <summary>The languages of the pages, the first for those whose browser asks for neither.</summary>
    public static readonly IReadOnlyList<string> Languages = ["ru", "en"];

    /// <summary>Adds the pages. The host provides an <see cref="IClusterClient"/>, the queries of the database and <c>Dialer:WebPassword</c>.</summary>
    public static IServiceCollection AddDialerPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices();
        services.AddLocalization();
        services.AddTransient<MudLocalizer, MudTexts>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Phrases>();
        services.AddSingleton<LoginGate>();
        services.AddSingleton<CampaignFeed>();
        services.TryAddSingleton<ICampaignRows, StoredRows>();
        services.AddHttpContextAccessor();
        services.AddCascadingAuthenticationState();
        services.AddAuthorization();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(Session);
        services.Configure<RequestLocalizationOptions>(Localization);
        return services;
    }

    /// <summary>Maps the pages, their static files, and the small endpoints behind their forms.</summary>
    public static WebApplication MapDialerPages(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.UseStatusCodePagesWithReExecute("/not-found");
        app.Use(KeepAnswersToPrograms);
        // Behind the page for unknown addresses, which is a page like any other and needs them too.
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapPreferences();
        app.MapLogout();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization();
        return app;
    }

    private static Task KeepAnswersToPrograms(HttpContext http, RequestDelegate next)
    {
        var isPage = HttpMethods.IsGet(http.Request.Method) && !http.Request.Path.StartsWithSegments("/api")
            && http.Request.Headers.Accept.Any(accepted => accepted?.Contains("text/html", StringComparison.Ordinal) == true);
        if (!isPage && http.Features.Get<IStatusCodePagesFeature>() is { } pages)
            pages.Enabled = false;
        return next(http);
    }

    private static void Session(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "dialer.session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.SlidingExpiration = true;
        options.ExpireTimeSpan = SessionLifetime;
        options.LoginPath = "/login";
        options.ReturnUrlParameter = LoginPage.ReturnParameter;
    }

    private static void Localization(RequestLocalizationOptions options)
    {
        options.SupportedCultures = options.SupportedUICultures = [.. Languages.Select(CultureInfo.GetCultureInfo)];
        options.DefaultRequestCulture = new RequestCulture(Languages[0]);
        options.RequestCultureProviders = [new CookieRequestCultureProvider(), new AcceptLanguageHeaderRequestCultureProvider()];
    }
}
