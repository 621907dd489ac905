namespace Dialer.Web.Hosting;

internal static class Listening
{
    private const string Default = "http://127.0.0.1:8080";

    /// <summary>The installation is open to this machine alone until somebody decides otherwise (<c>ASPNETCORE_URLS</c>).</summary>
    public static void ListenOnLoopbackUnlessTold(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var told = configuration[WebHostDefaults.ServerUrlsKey] ?? configuration["http_ports"] ?? configuration["https_ports"];
        if (string.IsNullOrEmpty(told) && !configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls(Default);
    }
}
