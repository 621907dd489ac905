using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>What the dashboard's part of a silo costs its calls.</summary>
public sealed class SiloDashboardTests
{
    [Theory]
    [InlineData("--Dialer:DashboardCalls=false", false)]
    [InlineData("--Dialer:DashboardCalls=true", true)]
    [InlineData("--Dialer:Logs=plain", false)]
    public async Task Calls_between_grains_go_through_a_filter_only_where_that_is_asked_for(string setting, bool filtered)
    {
        await using var silo = Silo.Program.Build(
        [
            "--Dialer:Database=Host=127.0.0.1;Database=example", "--Dialer:Nodes:0:Id=example", "--Dialer:Nodes:0:AriUrl=http://127.0.0.1:1/ari/",
            "--Dialer:Nodes:0:User=example", "--Dialer:Nodes:0:Password=example", setting,
        ]);
        Assert.Equal(filtered, silo.Services.GetServices<IIncomingGrainCallFilter>().Any());
    }
}
