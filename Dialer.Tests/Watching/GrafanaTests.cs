using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Rest;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>The dashboard file that comes with Dialer asks for nothing that is not there.</summary>
[Collection(DialerOnFakeCollection.Name)]
public sealed partial class GrafanaTests(DialerOnFake dialer)
{
    [Fact]
    public async Task Every_metric_of_the_dashboard_file_is_exported_and_named_in_the_documentation()
    {
        var campaign = await dialer.CalledAsync(answering: 2, busy: 1);
        var tenant = campaign[..campaign.IndexOf("/campaigns", StringComparison.Ordinal)];
        await dialer.Host.Api.PutAsync($"{tenant}/operators/office", """{"name":"Office","password":"example-password"}""");
        await dialer.Host.Api.PutAsync($"{tenant}/extensions/998", """
            {"kind":"queue","members":[{"operator":"office"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:02:00","goTo":null}
            """);
        var number = DialerOnFake.Number();
        dialer.Asterisk.Script(number, Subscriber.Answers().HangsUpAfter(TimeSpan.FromMinutes(1)));
        await dialer.Host.Api.UploadAsync(campaign, DialerOnFake.Row("Waits Example", number), "add");

        var asked = Metrics(await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "grafana", "dialer.json"), TestContext.Current.CancellationToken));
        Assert.True(asked.Count > 15, $"Only {asked.Count} metrics were found in the file.");
        await Eventually.NothingLeftAsync(
            async () => string.Join(' ', asked.Except(await ExportedAsync())), "all metrics of the dashboard", TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(200));

        var documentation = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "operating.md"), TestContext.Current.CancellationToken);
        Assert.All(asked, name => Assert.Contains(Suffix().Replace(name, ""), documentation, StringComparison.Ordinal));
    }

    private async Task<HashSet<string>> ExportedAsync()
    {
        using var silo = dialer.Host.SiloEndpoints();
        var text = await silo.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)
            + await dialer.Host.Api.GetTextAsync("/metrics");
        return new Exposition(text).Names.ToHashSet(StringComparer.Ordinal);
    }

    private static HashSet<string> Metrics(string dashboard)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in JsonNode.Parse(dashboard)!["panels"]!.AsArray().SelectMany(panel => panel!["targets"]?.AsArray() ?? []))
            found.UnionWith(Metric().Matches((string)target!["expr"]!).Select(m => m.Value));
        return found;
    }

    [GeneratedRegex(@"\bdialer_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
