using System.Net;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Pages;
using Dialer.Tests.Rest;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dialer.Tests.Watching;

/// <summary>The Orleans dashboard behind the login of the pages.</summary>
[Collection(DialerOnFakeCollection.Name)]
public sealed class ClusterDashboardTests(DialerOnFake dialer, Browser browser) : IClassFixture<Browser>
{
    private const float Patience = 20_000;

    [Theory]
    [InlineData("/cluster")]
    [InlineData("/cluster/")]
    [InlineData("/cluster/index.min.js")]
    [InlineData("/cluster/DashboardCounters")]
    [InlineData("/cluster/GrainState")]
    [InlineData("/cluster/Trace")]
    public async Task A_stranger_is_sent_to_the_login(string path)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var known = dialer.Host.Stranger();
        using var stranger = new HttpClient(handler) { BaseAddress = known.BaseAddress };
        // Nor is the key of the API a key to it.
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", DialerHost.ApiKey);
        using var answer = await stranger.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/login", answer.Headers.Location!.AbsolutePath);
    }

    [Fact]
    public async Task Whoever_is_logged_in_sees_silos_and_grains_and_no_stored_password()
    {
        await dialer.NewTenantAsync();
        using var stranger = dialer.Host.Stranger();
        var page = await browser.Open(stranger.BaseAddress!.ToString());
        await page.GotoAsync("/");
        await page.GetByLabel("Пароль").FillAsync(DialerHost.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Войти" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Кластер" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/cluster/"));
        await Expect(page.GetByText("Active Silos")).ToBeVisibleAsync(new() { Timeout = Patience });
        await page.ScreenshotAsync(new() { Path = Path.Combine(Checkout.Scratch, "cluster.png"), FullPage = true });

        // Whoever is the first to look sees nothing in the first second; the page asks each second.
        await Eventually.SeeAsync(
            async () => (await (await page.APIRequest.GetAsync("/cluster/DashboardCounters")).TextAsync()).Contains("Dialer.Grains.Tenants.TenantGrain", StringComparison.Ordinal) ? page : null,
            "the grains of tenants",
            TimeSpan.FromMilliseconds(Patience));
        Assert.Equal(404, (await page.APIRequest.GetAsync("/cluster/GrainState?grainId=t1%2Fmain&grainType=Dialer.Grains.Trunks.TrunkGrain")).Status);
        Assert.Equal(404, (await page.APIRequest.GetAsync("/Cluster/grainstate/?grainId=t1%2Fmain&grainType=Dialer.Grains.Trunks.TrunkGrain")).Status);
        Assert.Equal(403, (await page.APIRequest.GetAsync("/cluster/Trace")).Status);
    }
}
