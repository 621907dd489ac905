using Dialer.Hosting;
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
}
