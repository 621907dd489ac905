using System.Globalization;
using Bunit;
using Dialer.Web.Components.Campaigns;
using Dialer.Web.Components.Words;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;

namespace Dialer.Tests.Pages;

/// <summary>Renders components in a language, as a circuit does.</summary>
public abstract class Speaking : BunitContext
{
    protected Speaking()
    {
        Services.AddLogging();
        Services.AddLocalization();
        Services.AddMudServices();
        Services.AddSingleton<Phrases>();
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddSingleton<ICampaignRows>(new ScriptedWorld());
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        In("ru");
    }

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2026-03-09T04:05:00Z"));

    protected Phrases Say => Services.GetRequiredService<Phrases>();

    protected static void In(string language) =>
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
}
