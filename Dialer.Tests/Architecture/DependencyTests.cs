using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using Dialer.Tests.Infrastructure;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace Dialer.Tests.Architecture;

/// <summary>Which part may know which: what docs/architecture.md promises.</summary>
public sealed class DependencyTests
{
    private const string AspNet = @"^Microsoft\.AspNetCore";
    private const string Npgsql = "^Npgsql";

    private static readonly Assembly Interfaces = typeof(Grains.Interfaces.Keys).Assembly;
    private static readonly Assembly Storage = typeof(Dialer.Storage.Database.Owners).Assembly;
    private static readonly Assembly Ari = typeof(Dialer.Ari.AriConnection).Assembly;
    private static readonly Assembly Grains_ = typeof(Grains.Campaigns.CampaignGrain).Assembly;
    private static readonly Assembly Hosting = typeof(Dialer.Hosting.DialerLogs).Assembly;
    private static readonly Assembly Silo = typeof(Dialer.Silo.Program).Assembly;
    private static readonly Assembly Web = typeof(Dialer.Web.Program).Assembly;

    private static readonly ArchUnitNET.Domain.Architecture Dialer_ =
        new ArchLoader().LoadAssemblies(Interfaces, Storage, Ari, Grains_, Hosting, Silo, Web).Build();

    [Theory]
    [InlineData(Npgsql)]
    [InlineData(AspNet)]
    public void Contracts_know_neither_the_database_nor_the_web(string namespaces) =>
        Assert.Empty(Violations(Interfaces, Types(true).That().ResideInNamespaceMatching(namespaces)));

    [Fact]
    public void The_ARI_client_knows_no_other_part_of_Dialer() =>
        Assert.Empty(Violations(Ari, Types().That().ResideInAssembly(Interfaces, Storage, Grains_, Silo, Web)));

    [Fact]
    public void What_both_hosts_share_knows_no_other_part_of_Dialer() =>
        Assert.Empty(Violations(Hosting, Types().That().ResideInAssembly(Interfaces, Storage, Ari, Grains_, Silo, Web)));

    [Fact]
    public void Grains_know_neither_their_host_nor_the_pages() =>
        Assert.Empty(Violations(Grains_, Types().That().ResideInAssembly(Silo, Web)));

    [Fact]
    public void Grains_know_nothing_of_the_web_server() =>
        Assert.Empty(Violations(Grains_, Types(true).That().ResideInNamespaceMatching(AspNet)));

    [Fact]
    public void The_web_reaches_grains_through_their_contracts_alone() =>
        Assert.Empty(Violations(Web, Types().That().ResideInAssembly(Grains_, Silo, Ari)));

    [Fact]
    public void Storage_knows_contracts_alone() =>
        Assert.Empty(Violations(Storage, Types().That().ResideInAssembly(Ari, Grains_, Silo, Web)));

    /// <summary>The rules above look at something: where a dependency is meant to be, they find it.</summary>
    [Fact]
    public void The_rules_see_the_dependencies_that_are_meant_to_be()
    {
        Assert.NotEmpty(Violations(Storage, Types(true).That().ResideInNamespaceMatching(Npgsql)));
        Assert.NotEmpty(Violations(Web, Types(true).That().ResideInNamespaceMatching(AspNet)));
        Assert.NotEmpty(Violations(Silo, Types().That().ResideInAssembly(Grains_)));
        Assert.NotEmpty(Violations(Grains_, Types().That().ResideInAssembly(Ari, Storage)));
    }

    [Fact]
    public void The_sample_of_a_client_refers_to_the_contracts_alone()
    {
        var project = XDocument.Load(Path.Combine(Checkout.Root, "samples", "Dialer.ClientSample", "Dialer.ClientSample.csproj"));
        var references = project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Equal(["Dialer.Grains.Interfaces"], references);
        Assert.Empty(project.Descendants("Compile"));
        Assert.DoesNotContain(project.Descendants("PackageReference"), p => p.Attribute("Include")!.Value.StartsWith("Dialer.", StringComparison.Ordinal));
    }

    private static string[] Violations(Assembly part, IObjectProvider<IType> forbidden) =>
        [.. Types().That().ResideInAssembly(part).Should().NotDependOnAny(forbidden).Evaluate(Dialer_).Where(r => !r.Passed).Select(r => r.Description)];
}
