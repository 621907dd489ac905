using System.Text.Json.Nodes;
using Dialer.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>How lines of the log look, and what is never in them.</summary>
public sealed class LogTests
{
    [Theory]
    [InlineData("Number = +79161110001, NumberIndex = 0", "Number = …01, NumberIndex = 0")]
    [InlineData("PJSIP/79161110001@t.example.main", "PJSIP/…01@t.example.main")]
    [InlineData("""{"Number":"\u002B3725123456"}""", """{"Number":"…56"}""")]
    [InlineData("79161110001;79161110002", "…01;…02")]
    // Ids, addresses, JSON's numbers and times stay.
    [InlineData("Attempt 019a8a52-7f3c-7cde-8123-123456789012 ended", "Attempt 019a8a52-7f3c-7cde-8123-123456789012 ended")]
    [InlineData("S127.0.0.1:11111:1234567890", "S127.0.0.1:11111:1234567890")]
    [InlineData("""{"Bytes":12345678901}""", """{"Bytes":12345678901}""")]
    [InlineData("2026-11-23T05:20:56.1234567Z, 500 contacts, extension 999*2*1", "2026-11-23T05:20:56.1234567Z, 500 contacts, extension 999*2*1")]
    public void Numbers_of_telephones_are_masked_and_others_are_not(string text, string masked) => Assert.Equal(masked, NumberMask.Apply(text));

    [Fact]
    public void Both_kinds_of_lines_are_masked_and_JSON_stays_JSON()
    {
        var plain = Line("plain");
        Assert.Contains("Called …01", plain, StringComparison.Ordinal);
        var json = JsonNode.Parse(Line("json"))!;
        Assert.Equal("Called …01", (string)json["Message"]!);
        Assert.Equal("Example", (string)json["Category"]!);
        Assert.DoesNotContain("79161110001", plain + json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_that_does_not_exist_is_refused() =>
        Assert.Contains("plain", Assert.Throws<SettingException>(() => Line("xml")).Message, StringComparison.Ordinal);

    private static string Line(string kind)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(DialerLogs.Setting, kind)]).Build();
        using var services = new ServiceCollection().AddLogging(logging => logging.AddDialerLogs(configuration)).BuildServiceProvider();
        var formatter = services.GetServices<ConsoleFormatter>().Single(f => f.Name == MaskedFormatter.FormatterName);
        using var writer = new StringWriter();
        formatter.Write(
            new LogEntry<string>(LogLevel.Information, "Example", default, "Called +79161110001", null, (state, _) => state), new LoggerExternalScopeProvider(), writer);
        return writer.ToString();
    }
}
