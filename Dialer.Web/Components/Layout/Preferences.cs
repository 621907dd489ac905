using Microsoft.AspNetCore.Localization;

namespace Dialer.Web.Components.Layout;

/// <summary>Language and colours, kept in cookies: they hold before anybody logs in, and from the first byte of a page.</summary>
public static class Preferences
{
    private const string ThemeCookie = "dialer.theme";
    private const string Dark = "dark";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    public static bool IsDark(HttpRequest request) => request.Cookies[ThemeCookie] == Dark;

    public static string LanguageHref(string language, string back) => $"/preferences/language/{language}?back={Uri.EscapeDataString(back)}";

    public static string ThemeHref(bool dark, string back) => $"/preferences/theme/{(dark ? Dark : "light")}?back={Uri.EscapeDataString(back)}";

    /// <summary>Maps the links that set the cookies and return.</summary>
    public static void MapPreferences(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/preferences").AllowAnonymous().ExcludeFromDescription();
        group.MapGet("/language/{language}", (string language, string? back, HttpContext http) => Hosting.Languages.Contains(language)
            ? Set(http, CookieRequestCultureProvider.DefaultCookieName, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)), back)
            : Results.NotFound());
        group.MapGet("/theme/{theme}", (string theme, string? back, HttpContext http) => theme is Dark or "light"
            ? Set(http, ThemeCookie, theme, back)
            : Results.NotFound());
    }

    /// <summary>An address of this site, or its front page: nobody is sent elsewhere by a crafted link.</summary>
    public static string Local(string? back) =>
        back is ['/', ..] and not ['/', '/' or '\\', ..] && !back.Any(char.IsControl) ? back : "/";

    private static IResult Set(HttpContext http, string cookie, string value, string? back)
    {
        http.Response.Cookies.Append(cookie, value, new CookieOptions
        {
            MaxAge = Lifetime, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, Secure = http.Request.IsHttps,
        });
        return Results.LocalRedirect(Local(back));
    }
}
