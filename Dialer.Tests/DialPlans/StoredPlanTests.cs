using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Silo.Hosting;
using Microsoft.Extensions.Hosting;
using Newtonsoft.Json;
using Orleans.Hosting;
using Orleans.Serialization;
using Xunit;

namespace Dialer.Tests.DialPlans;

public sealed class StoredPlanTests
{
    [Fact]
    public void The_example_plan_is_read_again_as_it_was_stored()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleansClient(client => client.UseLocalhostClustering());
        using var host = builder.Build();
        var settings = OrleansJsonSerializerSettings.GetDefaultSerializerSettings(host.Services);
        settings.Converters.Add(new PlainListConverter());
        var plan = new DialPlanState { Extensions = new(ExamplePlan.Extensions, StringComparer.Ordinal) };

        var stored = JsonConvert.SerializeObject(plan, settings);
        var read = JsonConvert.DeserializeObject<DialPlanState>(stored, settings)!;

        Assert.Equal("office", Assert.Single(Assert.IsType<OperatorQueue>(read.Extensions["999*2*1"]).Members).Operator);
        Assert.DoesNotContain("<>z__", stored, StringComparison.Ordinal);
    }
}
