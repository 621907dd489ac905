using Dialer.Web.Components.Campaigns;
using Dialer.Web.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;
using Xunit;

namespace Dialer.Tests.Pages;

/// <summary>The pages on a free port, with scripted grains behind a real in-process cluster.</summary>
public sealed class PagesHost : IAsyncLifetime
{
    public const string Password = "example-password";
    private InProcessTestCluster? _cluster;
    private WebApplication? _app;

    public ScriptedWorld World { get; } = new();

    /// <summary>Where the pages are.</summary>
    public string Address => _app!.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        var cluster = new InProcessTestClusterBuilder(1);
        cluster.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(World);
            silo.Configure<GrainTypeOptions>(UseScript);
        });
        _cluster = cluster.Build();
        await _cluster.DeployAsync();

        // The static files of the pages are found through the manifests of their own project.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(App).Assembly.GetName().Name, EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Dialer:WebPassword"] = Password });
        builder.Services.AddSingleton<IClusterClient>(_cluster.Client);
        builder.Services.AddSingleton<ICampaignRows>(World);
        builder.Services.AddDialerPages();
        _app = builder.Build();
        _app.MapScriptedLists(World);
        _app.MapDialerPages();
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    /// <summary>Only the scripted grains: the real ones implement the same interfaces.</summary>
    private static void UseScript(GrainTypeOptions options)
    {
        options.Classes.RemoveWhere(type => type.Namespace?.StartsWith("Dialer.", StringComparison.Ordinal) == true);
        options.Classes.UnionWith([typeof(ScriptedDirectory), typeof(ScriptedNodes), typeof(ScriptedTenant), typeof(ScriptedCampaign), typeof(ScriptedTrunk)]);
    }
}
