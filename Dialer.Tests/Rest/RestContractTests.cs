using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Rest;

/// <summary>Resources, names and shapes that clients outside this project are written against, over HTTP against the whole program.</summary>
[Collection(DialerOnFakeCollection.Name)]
public sealed class RestContractTests(DialerOnFake dialer)
{
    private const string Trunk = """{"host":"127.0.0.1","port":5070,"lines":5,"callsPerSecond":10,"username":"login","password":"example-secret","register":false,"callerId":"74950000000","codecs":["alaw","ulaw"]}""";
    private const string Paused = """{"name":"Долги","entry":"999","enabled":false,"trunks":[{"trunk":"main","lines":3}],"schedule":[{"days":["mon","tue","wed","thu","fri"],"from":"09:00","to":"20:00"}],"startDate":"2026-01-01","endDate":"2030-12-31","minimumDuration":"00:00:10","retries":3,"retryInterval":"00:30:00","ringTimeout":"00:00:45","callerId":null,"priority":0}""";
    private const string Queue = """{"kind":"queue","members":[{"operator":"office"},{"number":"79161234567","trunk":"main"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:02:00","goTo":null}""";
    private const string List = """
        "NAME","PHONE_NUMBER","USER_VARS"
        "Igor Lipko","17605632123;79508881234","BALANCE=-68.27"
        "Ilya mihailov","7760569623","BALANCE=-525.19"
        "Igor Lipko","17605632123;79508881234","BALANCE=-68.27"
        "No Number Example","","BALANCE=-1.00"

        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RestApi Api => dialer.Host.Api;

    [Fact]
    public async Task What_the_scenario_sets_up_is_created_then_replaced_and_given_back_as_it_was_put()
    {
        var tenant = $"tenants/{dialer.NewTenantId()}";
        (string Path, string Body)[] resources =
        [
            (tenant, """{"name":"ТСЖ","culture":"ru-RU","timeZone":"Europe/Moscow"}"""),
            ($"{tenant}/trunks/main", Trunk),
            ($"{tenant}/extensions/998", """{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:05","goTo":null}"""),
            ($"{tenant}/extensions/998*1", Queue),
            ($"{tenant}/extensions/997*1", """{"kind":"sayText","text":"[% VAR:BALANCE %] rub","type":"money","goTo":"998"}"""),
            ($"{tenant}/extensions/997", """{"kind":"autoInformer","audio":"greeting","goTo":"997*1"}"""),
            ($"{tenant}/campaigns/debts", Paused),
        ];
        foreach (var (path, body) in resources)
        {
            foreach (var expected in new[] { HttpStatusCode.Created, HttpStatusCode.OK })
            {
                var answer = await Api.TryPutAsync(path, body);
                Assert.True(answer.Status == expected, $"PUT {path}: {answer.Status} {answer.Text}");
                HasFieldsOf(body, answer.Body!, path);
            }

            HasFieldsOf(body, await Api.GetAsync(path), path);
            var collection = path[..path.LastIndexOf('/')];
            Assert.Contains((await Api.GetAsync(collection)).AsArray(), item => path.EndsWith("/" + (string)(item!["id"] ?? item["number"])!, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_new_tenant_comes_with_the_example_ready_to_edit()
    {
        var tenant = await dialer.NewTenantAsync();
        var plan = (await Api.GetAsync($"{tenant}/extensions")).AsArray().ToDictionary(e => (string)e!["number"]!, e => e!);
        Assert.Equal(["999", "999*1", "999*2", "999*2*1"], plan.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["autoInformer", "sayText", "playback", "queue"], plan.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (string)e.Value["kind"]!));
        Assert.Equal(["greeting", "pay"], (await Api.GetAsync($"{tenant}/audio")).AsArray().Select(a => (string)a!["id"]!).Order(StringComparer.Ordinal));
        Assert.Equal("[% VAR:BALANCE %] rub", (string)(await Api.GetAsync($"{tenant}/extensions/999*1"))["text"]!);
        // The office's phone needs a password that only its owner can choose.
        var open = Assert.Single((await Api.GetAsync($"{tenant}/dial-plan/problems")).AsArray())!;
        Assert.Equal(("999*2*1", false), ((string)open["extension"]!, (bool)open["blocks"]!));
        await Api.PutAsync($"{tenant}/operators/office", """{"name":"Бухгалтерия","password":"example-secret"}""");
        Assert.Empty((await Api.GetAsync($"{tenant}/dial-plan/problems")).AsArray());
    }

    [Fact]
    public async Task What_is_in_use_cannot_be_deleted_and_the_rest_can()
    {
        var tenant = await dialer.NewTenantAsync();
        await Api.PutAsync($"{tenant}/trunks/main", Trunk);
        await Api.PutAsync($"{tenant}/operators/office", """{"name":"Бухгалтерия","password":"example-secret"}""");
        await Api.PutAsync($"{tenant}/campaigns/debts", Paused.Replace("\"enabled\":false", "\"enabled\":true", StringComparison.Ordinal));
        foreach (var used in new[] { "", "/trunks/main", "/extensions/999", "/extensions/999*1", "/audio/greeting", "/operators/office", "/campaigns/debts" })
        {
            var refused = await Api.SendAsync(HttpMethod.Delete, tenant + used);
            Assert.True(refused.Status == HttpStatusCode.Conflict, $"DELETE {used}: {refused.Status} {refused.Text}");
            Assert.False(string.IsNullOrEmpty((string?)refused.Body!["detail"]));
        }

        await Api.PostAsync($"{tenant}/campaigns/debts/pause");
        foreach (var unused in new[] { "/campaigns/debts", "/trunks/main", "/extensions/999", "/extensions/999*1", "/extensions/999*2", "/extensions/999*2*1", "/operators/office", "/audio/greeting", "/audio/pay", "" })
        {
            var deleted = await Api.SendAsync(HttpMethod.Delete, tenant + unused);
            Assert.True(deleted.Status == HttpStatusCode.NoContent, $"DELETE {unused}: {deleted.Status} {deleted.Text}");
            Assert.Equal(HttpStatusCode.NotFound, (await Api.SendAsync(HttpMethod.Get, tenant + unused)).Status);
        }
    }

    [Fact]
    public async Task A_password_is_never_given_back()
    {
        var tenant = await dialer.NewTenantAsync();
        var answers = new List<string>
        {
            (await Api.TryPutAsync($"{tenant}/trunks/main", Trunk)).Text,
            (await Api.TryPutAsync($"{tenant}/operators/desk", """{"name":"Бухгалтерия","password":"example-secret"}""")).Text,
        };
        foreach (var path in new[] { "trunks/main", "trunks", "trunks/main/status", "operators/desk", "operators" })
            answers.Add(await Api.GetTextAsync($"{tenant}/{path}"));
        Assert.All(answers, answer => Assert.DoesNotContain("example-secret", answer, StringComparison.Ordinal));
        Assert.Equal("login", (string)(await Api.GetAsync($"{tenant}/trunks/main"))["username"]!);
    }

    [Theory]
    [InlineData("", """{"name":"ТСЖ","culture":"ru-RU","timeZone":"Europe/Nowhere"}""", "timeZone")]
    [InlineData("/trunks/main", """{"host":"127.0.0.1","lines":0}""", "lines")]
    [InlineData("/trunks/main", """{"host":"127.0.0.1","lines":1,"colour":"red"}""", "colour")]
    [InlineData("/operators/desk", """{"name":"Стол","password":"short"}""", "password")]
    [InlineData("/audio/greeting", """{"text":"","voice":null}""", "text")]
    [InlineData("/extensions/999", """{"kind":"autoInformer","audio":"greeting","goTo":"123"}""", "goTo")]
    [InlineData("/extensions/999*2", """{"kind":"playback","audio":"pay","waitForInput":false,"goTo":"999"}""", "goTo")]
    [InlineData("/extensions/999", """{"kind":"autoInformer","audio":"missing","goTo":null}""", "audio")]
    [InlineData("/extensions/999", """{"kind":"jingle","audio":"greeting"}""", "kind")]
    [InlineData("/extensions/999*1", """{"kind":"sayText","text":"[% VAR:BALANCE","type":"money"}""", "text")]
    [InlineData("/campaigns/debts", """{"name":"Долги","entry":"123","enabled":false,"trunks":[]}""", "entry")]
    [InlineData("/campaigns/debts", """{"name":"Долги","entry":"999","enabled":false,"trunks":[],"retries":-1}""", "retries")]
    [InlineData("/campaigns/debts", """{"name":"Долги","entry":"999","enabled":false,"trunks":[],"minimumDuration":"ten"}""", "minimumDuration")]
    [InlineData("/campaigns/debts", """{"name":"Долги","entry":"999","enabled":false}""", "trunks")]
    public async Task What_is_not_acceptable_is_refused_and_the_field_is_named(string path, string body, string field)
    {
        var tenant = await dialer.NewTenantAsync();
        var refused = await Api.TryPutAsync(tenant + path, body);
        Assert.True((refused.Status, refused.Field) == (HttpStatusCode.BadRequest, field), $"{refused.Status} {refused.Text}");
        Assert.Equal(400, (int)refused.Body!["status"]!);
        Assert.NotNull(refused.Body["errors"]![field]);
    }

    [Fact]
    public async Task Below_an_unknown_tenant_or_campaign_there_is_nothing()
    {
        var tenant = await dialer.NewTenantAsync();
        foreach (var path in new[] { "", "/trunks", "/operators", "/audio", "/extensions", "/campaigns", "/campaigns/debts/stats" })
            Assert.Equal(HttpStatusCode.NotFound, (await Api.SendAsync(HttpMethod.Get, "tenants/nobody" + path)).Status);
        foreach (var path in new[] { "", "/stats", "/status", "/contacts", "/attempts", "/contacts.csv", "/attempts.csv", "/lists", "/lists/1" })
            Assert.Equal(HttpStatusCode.NotFound, (await Api.SendAsync(HttpMethod.Get, $"{tenant}/campaigns/none{path}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Api.TryPutAsync("tenants/nobody/trunks/main", Trunk)).Status);
    }

    [Fact]
    public async Task Audio_is_taken_as_a_file_or_as_a_text_and_given_back_as_a_telephone_plays_it()
    {
        var tenant = await dialer.NewTenantAsync();
        var spoken = await Api.TryPutAsync($"{tenant}/audio/hello", """{"text":"Добрый день","voice":null}""");
        Assert.Equal((HttpStatusCode.Created, "Добрый день"), (spoken.Status, (string)spoken.Body!["text"]!));
        var wav = await Api.Http.GetByteArrayAsync(new Uri($"{tenant}/audio/hello", UriKind.Relative), Ct);
        Assert.True(Dialer.Grains.Speech.PcmWav.Read(wav).Length > 4000, "Less than half a second was spoken.");

        using var file = Body(wav, "audio/wav");
        var put = await Api.SendAsync(HttpMethod.Put, $"{tenant}/audio/copy", file);
        Assert.Equal(HttpStatusCode.Created, put.Status);
        Assert.Equal((string)spoken.Body["duration"]!, (string)put.Body!["duration"]!);

        using var noise = Body("This is a letter and no sound."u8.ToArray(), "audio/wav");
        var refused = await Api.SendAsync(HttpMethod.Put, $"{tenant}/audio/letter", noise);
        Assert.True(refused.Status == HttpStatusCode.BadRequest, $"{refused.Status} {refused.Text}");
        Assert.Equal(HttpStatusCode.NotFound, (await Api.SendAsync(HttpMethod.Get, $"{tenant}/audio/letter")).Status);
        using var text = Body("Hello"u8.ToArray(), "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await Api.SendAsync(HttpMethod.Put, $"{tenant}/audio/letter", text)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_is_uploaded_as_body_or_as_a_file_of_a_form_and_reported(bool asForm)
    {
        var campaign = await NewCampaignAsync();
        using HttpContent content = asForm
            ? new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(List)), "file", "debts.csv" } }
            : RestApi.Csv(List);

        var accepted = await Api.SendAsync(HttpMethod.Post, $"{campaign}/lists?mode=replace", content);

        Assert.True(accepted.Status == HttpStatusCode.Accepted, $"{accepted.Status} {accepted.Text}");
        var list = await Api.GetAsync($"{campaign}/lists/{accepted.Body!["id"]}");
        Assert.Equal("done", (string)list["state"]!);
        Assert.Equal((4, 2, 1, 1), ((int)list["rows"]!, (int)list["contacts"]!, (int)list["rejected"]!, (int)list["duplicates"]!));
        var problem = Assert.Single(list["problems"]!.AsArray(), p => (int)p!["line"]! == 5)!;
        Assert.Equal("PHONE_NUMBER", (string)problem["column"]!);
        Assert.False(string.IsNullOrEmpty((string)problem["reason"]!));
        var csv = await Api.GetTextAsync($"{campaign}/lists/{accepted.Body["id"]}/problems.csv");
        Assert.StartsWith("line,column,reason", csv, StringComparison.Ordinal);
        Assert.Contains("\n5,PHONE_NUMBER,", csv, StringComparison.Ordinal);
        Assert.Single((await Api.GetAsync($"{campaign}/lists")).AsArray());
    }

    [Fact]
    public async Task A_second_upload_replaces_the_first_or_adds_to_it()
    {
        var campaign = await NewCampaignAsync();
        await Api.UploadAsync(campaign, List);
        await Api.PostAsync($"{campaign}/lists?mode=add", RestApi.Csv("\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n\"Third Example\",\"79991000001\",\"BALANCE=-3.00\"\n"));
        Assert.Equal((3, 0), await CountsAsync());
        await Api.PostAsync($"{campaign}/lists?mode=replace", RestApi.Csv("\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n\"Third Example\",\"79991000001\",\"BALANCE=-4.00\"\n"));
        Assert.Equal((1, 2), await CountsAsync());
        var refused = await Api.SendAsync(HttpMethod.Post, $"{campaign}/lists?mode=multiply", RestApi.Csv(List));
        Assert.Equal((HttpStatusCode.BadRequest, "mode"), (refused.Status, refused.Field));

        async Task<(int, int)> CountsAsync() =>
            (await Api.GetAsync($"{campaign}/stats"))["contacts"]! is var contacts ? ((int)contacts["waiting"]!, (int)contacts["withdrawn"]!) : default;
    }

    [Fact]
    public async Task Nobody_gets_in_without_the_key_and_health_needs_none()
    {
        using var stranger = dialer.Host.Stranger();
        foreach (var path in new[] { "/api/v1/tenants", "/metrics", "/openapi/v1.json" })
        {
            using var answer = await stranger.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var answer = await stranger.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Contains("dialer_web_cluster_connected 1", await Api.GetTextAsync("/metrics"), StringComparison.Ordinal);
        var paths = (await Api.GetAsync("/openapi/v1.json"))["paths"]!.AsObject().Select(path => path.Key.TrimEnd('/')).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "/api/v1/tenants/{tenant}", "/api/v1/tenants/{tenant}/trunks/{id}", "/api/v1/tenants/{tenant}/operators/{id}",
                "/api/v1/tenants/{tenant}/audio/{id}", "/api/v1/tenants/{tenant}/extensions/{number}", "/api/v1/tenants/{tenant}/campaigns/{campaign}",
                "/api/v1/tenants/{tenant}/campaigns/{campaign}/lists", "/api/v1/tenants/{tenant}/campaigns/{campaign}/stats",
                "/api/v1/tenants/{tenant}/campaigns/{campaign}/attempts",
            },
            paths);
    }

    private async Task<string> NewCampaignAsync()
    {
        var tenant = await dialer.NewTenantAsync();
        await Api.PutAsync($"{tenant}/trunks/main", Trunk);
        await Api.PutAsync($"{tenant}/campaigns/debts", Paused);
        return $"{tenant}/campaigns/debts";
    }

    /// <summary>Every field that was put, with its value; a password comes back empty.</summary>
    private static void HasFieldsOf(string body, JsonNode answer, string path)
    {
        foreach (var (name, value) in JsonNode.Parse(body)!.AsObject())
        {
            Assert.True(answer.AsObject().ContainsKey(name), $"{path}: '{name}' is missing in {answer.ToJsonString()}");
            if (name == "password")
                Assert.Null(answer[name]);
            else if (value is not JsonArray)
                Assert.True(JsonNode.DeepEquals(value, answer[name]), $"{path}: '{name}' was put as {value?.ToJsonString()} and came back as {answer[name]?.ToJsonString()}");
            else
                Assert.Equal(value.AsArray().Count, answer[name]!.AsArray().Count);
        }
    }

    private static ByteArrayContent Body(byte[] content, string type)
    {
        var body = new ByteArrayContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(type);
        return body;
    }
}
