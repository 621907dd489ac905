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
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Dialer:Database"] = database,
            ["Dialer:ApiKey"] = "key",
            ["Dialer:WebPassword"] = "password",
            ["Dialer:Nodes:0:Id"] = "pbx",
            ["Dialer:Nodes:0:AriUrl"] = "http://127.0.0.1:8088/ari/",
            ["Dialer:Nodes:0:User"] = "dialer",
            ["Dialer:Nodes:0:Password"] = "example",
        }).Build();

        Assert.All([() => DialerSettings.Read(configuration), () => SiloSettings.Read(configuration)], (Func<object> read) =>
        {
            var error = Assert.Throws<SettingException>(read);
            Assert.StartsWith("Dialer:Database is no connection string", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        });
    }
}
