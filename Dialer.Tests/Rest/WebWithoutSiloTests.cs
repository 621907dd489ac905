using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dialer.Tests.Rest;

/// <summary>The real web on a free port with a real database, before any silo is there. It may be shared: without a silo nothing changes.</summary>
public sealed class WebWithoutSilo(PrivatePostgres postgres) : IAsyncLifetime
{
    public const string Key = "example-key";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private WebApplication web = null!;
    private Task running = null!;

    public Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        web = Dialer.Web.Program.Build(
        [
            "--urls=http://127.0.0.1:0", "--applicationName=Dialer.Web", $"--Dialer:Database={await postgres.CreateDatabaseAsync()}", $"--Dialer:ApiKey={Key}",
            "--Dialer:WebPassword=example-password", "--Logging:LogLevel:Default=Critical",
        ]);
        // The start ends when a silo was found, which is never.
        running = web.StartAsync(stop.Token);
        Address = new Uri(await ListensAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAny(running);
        await web.DisposeAsync();
        stop.Dispose();
    }

    // Kestrel has no event for «listening», and the application's own comes with the silo.
    private async Task<string> ListensAsync()
    {
        var server = web.Services.GetRequiredService<IServer>();
        using var timeout = new CancellationTokenSource(Patience);
        while (true)
        {
            if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(address => !address.EndsWith(":0", StringComparison.Ordinal)) is { } address)
                return address;
            if (running.IsFaulted)
                await running;
            await Task.Delay(TimeSpan.FromMilliseconds(20), timeout.Token);
        }
    }
}

/// <summary>What somebody sees of the web while no silo is there.</summary>
public sealed class WebWithoutSiloTests : IClassFixture<WebWithoutSilo>, IDisposable
{
    private readonly HttpClient http;

    public WebWithoutSiloTests(WebWithoutSilo web)
    {
        http = new HttpClient { BaseAddress = web.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", WebWithoutSilo.Key);
    }

    public void Dispose() => http.Dispose();

    [Theory]
    [InlineData("/api/v1/tenants")]
    [InlineData("/api/v1/no-such-thing")]
    [InlineData("/API/v1/tenants")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    public async Task Nobody_gets_in_without_the_key(string path)
    {
        foreach (var authorization in new[] { null, "Bearer wrong", "Bearer ", "Basic " + WebWithoutSilo.Key, WebWithoutSilo.Key })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            http.DefaultRequestHeaders.Authorization = null;
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

            await AssertProblem(response, HttpStatusCode.Unauthorized);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task Health_needs_no_key_and_says_what_is_missing()
    {
        http.DefaultRequestHeaders.Authorization = null;
        using var live = await http.GetAsync("/health/live", TestContext.Current.CancellationToken);
        using var ready = await http.GetAsync("/health/ready", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (live.StatusCode, ready.StatusCode));
        var readiness = await ready.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Equal((false, true), ((bool)readiness!["cluster"]!, (bool)readiness["database"]!));
    }

    [Fact]
    public async Task Without_a_silo_the_api_asks_to_come_back()
    {
        using var response = await http.GetAsync("/api/v1/tenants", TestContext.Current.CancellationToken);

        var problem = await AssertProblem(response, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("try again", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task What_does_not_exist_is_a_problem_too()
    {
        using var nowhere = await http.GetAsync("/api/v1/no-such-thing", TestContext.Current.CancellationToken);
        using var method = await http.DeleteAsync("/api/v1/tenants", TestContext.Current.CancellationToken);
        using var text = new StringContent("name=example", new MediaTypeHeaderValue("text/plain"));
        using var media = await http.PutAsync("/api/v1/tenants/example", text, TestContext.Current.CancellationToken);

        await AssertProblem(nowhere, HttpStatusCode.NotFound);
        await AssertProblem(method, HttpStatusCode.MethodNotAllowed);
        await AssertProblem(media, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_mistake_in_a_body_is_told_with_its_field()
    {
        using var response = await http.PutAsJsonAsync(
            "/api/v1/tenants/example", new { name = "Example", colour = "red" }, TestContext.Current.CancellationToken);

        var problem = await AssertProblem(response, HttpStatusCode.BadRequest);
        Assert.Equal("colour", (string)problem["field"]!);
        Assert.Single(problem["errors"]!["colour"]!.AsArray());
    }

    [Fact]
    public async Task The_description_has_every_resource_of_the_contract()
    {
        using var response = await http.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var document = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        var paths = document!["paths"]!.AsObject();

        const string tenant = "/api/v1/tenants/{tenant}";
        const string campaign = tenant + "/campaigns/{campaign}";
        string[] expected =
        [
            "put " + tenant, $"put {tenant}/trunks/{{id}}", $"put {tenant}/operators/{{id}}", $"put {tenant}/audio/{{id}}",
            $"put {tenant}/extensions/{{number}}", "put " + campaign, $"post {campaign}/lists", $"get {campaign}/lists/{{id}}",
            $"get {campaign}/lists/{{id}}/problems.csv", $"post {campaign}/start", $"post {campaign}/pause", $"get {campaign}/stats",
            $"get {campaign}/status", $"get {campaign}/contacts", $"get {campaign}/contacts.csv", $"get {campaign}/attempts",
            $"get {campaign}/attempts.csv",
        ];
        Assert.All(expected, operation => Assert.NotNull(paths[operation.Split(' ')[1]]?[operation.Split(' ')[0]]));
        Assert.All(paths.SelectMany(path => path.Value!.AsObject()), operation =>
        {
            Assert.NotNull(operation.Value!["summary"]);
            Assert.NotNull(operation.Value["responses"]!["400"]!["content"]!["application/problem+json"]);
        });
        Assert.Equal("bearer", (string)document["components"]!["securitySchemes"]!["key"]!["scheme"]!);
        var trunk = paths[$"{tenant}/trunks/{{id}}"]!["put"]!.ToJsonString();
        Assert.Contains("TrunkSettings", trunk, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_tell_that_the_silo_is_missing() =>
        Assert.Contains(
            "dialer_web_cluster_connected 0", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);

    private static async Task<JsonObject> AssertProblem(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonObject>(text)!;
        Assert.Equal((int)status, (int)problem["status"]!);
        Assert.NotEmpty((string)problem["detail"]!);
        return problem;
    }
}
