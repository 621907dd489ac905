using Dialer.Grains.Speech;
using Dialer.Hosting;
using Dialer.Silo.Hosting;
using Dialer.Web.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Dialer.Tests.Rest;

public sealed class DialerSettingsTests
{
    [Fact]
    public void Every_missing_setting_is_named()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Dialer:Database"] = "Host=127.0.0.1", ["Dialer:ApiKey"] = " " }).Build();

        var error = Assert.Throws<SettingException>(() => DialerSettings.Read(configuration));

        Assert.Contains("Dialer:ApiKey, Dialer:WebPassword", error.Message, StringComparison.Ordinal);
        Assert.Contains("Dialer__ApiKey", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Dialer:Database", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Password=secret-1;secret-2=x")]
    [InlineData("Host=127.0.0.1;Port=secret")]
    [InlineData("secret")]
    public void A_connection_string_that_cannot_be_read_is_refused_by_its_name_without_repeating_it(string database)
    {
        var configuration = Configuration("Dialer:Database", database);

        Assert.All([() => DialerSettings.Read(configuration), () => SiloSettings.Read(configuration)], (Func<object> read) =>
        {
            var error = Assert.Throws<SettingException>(read);
            Assert.StartsWith("Dialer:Database is no connection string", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Dialer:Nodes:0:AriUrl", "127.0.0.1:8088/ari/")]
    [InlineData("Dialer:Nodes:0:AriUrl", "ws://127.0.0.1:8088/ari/")]
    [InlineData("Dialer:Media:BaseUrl", "/media")]
    [InlineData("Dialer:Speech:Engine", "Espik")]
    [InlineData("Dialer:Speech:Engine", "7")]
    [InlineData("Dialer:Speech:Engine", "Http")]
    [InlineData("Dialer:Speech:Engine", "Program")]
    [InlineData("Dialer:Speech:Url", "speech")]
    [InlineData("Dialer:Speech:WordsPerMinute", "quick")]
    [InlineData("Dialer:Speech:Timeout", "20 s")]
    [InlineData("Dialer:Dashboard", "yes")]
    [InlineData("Dialer:DashboardCalls", "yes")]
    [InlineData("Dialer:Traces:Share", "1.5")]
    [InlineData("Dialer:Traces:Share", "0,1")]
    public void A_setting_of_a_silo_that_is_wrong_ends_it_with_one_line_that_names_it(string name, string value)
    {
        string[] settings = [.. Settings(name, value).Append(new("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")).Select(s => $"--{s.Key}={s.Value}")];
        var error = Assert.Throws<SettingException>(() => Dialer.Silo.Program.Build(settings));
        Assert.StartsWith($"{name} is ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8088/ari", "http://127.0.0.1:8088/ari/")]
    [InlineData("https://pbx.example/a/ari/", "https://pbx.example/a/ari/")]
    public void Asterisks_paths_come_below_its_url_with_or_without_a_last_slash(string written, string url) =>
        Assert.Equal(new Uri(url), Assert.Single(SiloSettings.Read(Configuration("Dialer:Nodes:0:AriUrl", written)).Nodes).AriUrl);

    [Fact]
    public void A_speech_engine_is_what_is_set()
    {
        var speech = SiloSettings.Read(Configuration("Dialer:Speech:Engine", "http", ("Dialer:Speech:Url", "http://127.0.0.1:9/say?key=1"), ("Dialer:Speech:Timeout", "00:00:05"))).Speech;
        Assert.Equal(new SpeechOptions { Engine = SpeechEngineKind.Http, Url = new("http://127.0.0.1:9/say?key=1"), Timeout = TimeSpan.FromSeconds(5) }, speech);
    }

    private static IConfiguration Configuration(string name, string value, params (string Name, string Value)[] more) => new ConfigurationBuilder()
        .AddInMemoryCollection(Settings(name, value)).AddInMemoryCollection(more.ToDictionary(m => m.Name, string? (m) => m.Value)).Build();

    /// <summary>Those of a silo and of a web, all well but for one.</summary>
    private static Dictionary<string, string?> Settings(string name, string value) => new()
    {
        ["Dialer:Database"] = "Host=127.0.0.1",
        ["Dialer:ApiKey"] = "key",
        ["Dialer:WebPassword"] = "password",
        ["Dialer:Nodes:0:Id"] = "pbx",
        ["Dialer:Nodes:0:AriUrl"] = "http://127.0.0.1:8088/ari/",
        ["Dialer:Nodes:0:User"] = "dialer",
        ["Dialer:Nodes:0:Password"] = "example",
        [name] = value,
    };
}
