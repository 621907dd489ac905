using System.Security.Cryptography;
using System.Text;
using Dialer.Web.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Dialer.Web.Rest;

/// <summary>
/// Lets in who shows the key, or a browser that is logged in to the pages. It guards whole paths, so that no endpoint can be
/// forgotten and nobody without the key learns which exist.
/// </summary>
internal sealed class ApiGate(RequestDelegate next, DialerSettings settings)
{
    private readonly byte[] keyHash = SHA256.HashData(Encoding.UTF8.GetBytes(settings.ApiKey));

    /// <summary>The paths that are closed.</summary>
    public static bool Guards(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api") || context.Request.Path.StartsWithSegments("/metrics")
        || context.Request.Path.StartsWithSegments("/openapi");

    public async Task InvokeAsync(HttpContext context)
    {
        if (HasKey(context) || await HasSession(context))
        {
            await next(context);
            return;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"dialer\"";
        var shown = context.Request.Headers.Authorization.Count > 0;
        await Problems.WriteAsync(context, Problems.Create(
            StatusCodes.Status401Unauthorized,
            shown ? "The key in the header Authorization is not the right one; it is the setting Dialer:ApiKey of the web."
                : "A key is needed: send the header 'Authorization: Bearer KEY'. The key is the setting Dialer:ApiKey of the web."));
    }

    private bool HasKey(HttpContext context)
    {
        const string scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        // Hashes have equal lengths, so the comparison tells nothing about the key's length either.
        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(header[scheme.Length..].Trim()));
        return CryptographicOperations.FixedTimeEquals(shown, keyHash);
    }

    private static async Task<bool> HasSession(HttpContext context)
    {
        const string cookies = CookieAuthenticationDefaults.AuthenticationScheme;
        var schemes = context.RequestServices.GetService<IAuthenticationSchemeProvider>();
        if (schemes is null || await schemes.GetSchemeAsync(cookies) is null || !ComesFromOurPages(context.Request))
            return false;
        var session = await context.AuthenticateAsync(cookies);
        if (session.Principal is { } user)
            context.User = user;
        return session.Succeeded;
    }

    // A cookie is sent by the browser, whoever made it send it: a command must come from a page of this host.
    private static bool ComesFromOurPages(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return true;
        return Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin)
            && string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
