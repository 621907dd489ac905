using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Hosting;

/// <summary>Processes that are told to end (SIGTERM) at a bad moment, or can't start. Systemd takes 143 for an orderly end.</summary>
public sealed class EndingTests
{
    private const string NobodyListens = "Host=127.0.0.1;Port=1;Database=dialer;Username=dialer";

    [Theory]
    [InlineData("Dialer.Silo", "Waiting for PostgreSQL", "")]
    [InlineData("Dialer.Web", "Now listening", "Told to end while it was starting: it ends at once.")]
    public async Task Who_is_still_starting_ends_at_once_without_a_stack_trace(string program, string waits, string said)
    {
        await using var process = new SiloProcess(Settings(NobodyListens), program);
        await process.StartAsync();
        await process.SaysAsync(waits);
        await process.StopAsync();
        Assert.Equal(143, process.ExitCode);
        Assert.EndsWith(said, process.Log.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_whose_database_stands_still_ends_before_it_would_be_killed()
    {
        await using var postgres = await PrivatePostgres.StartDedicatedAsync();
        await using var silo = new SiloProcess(Settings(postgres.ConnectionString()));
        await silo.StartAsync();
        await silo.SaysAsync("Application started");
        await postgres.FreezeAsync();
        try
        {
            await silo.StopAsync();
            Assert.Equal(143, silo.ExitCode);
            Assert.Contains("Told to end 00:00:28 ago", silo.Log, StringComparison.Ordinal);
        }
        finally
        {
            await postgres.ThawAsync();
        }
    }

    [Theory]
    [InlineData("Dialer.Silo", "Dialer:Database", "", "Missing setting: Dialer:Database. Set it in appsettings.json or as an environment variable (Dialer__Database).")]
    [InlineData("Dialer.Silo", "Dialer:Silo:Port", "many", "Dialer:Silo:Port is 'many', which is not a number from 1 to 65535.")]
    [InlineData("Dialer.Silo", "Dialer:Silo:Address", "here", "Dialer:Silo:Address is 'here', which is not an IP address.")]
    [InlineData("Dialer.Web", "Dialer:ApiKey", "", "Missing setting: Dialer:ApiKey. Set it in appsettings.json or as an environment variable (Dialer__ApiKey).")]
    public async Task Who_lacks_a_setting_says_which_and_nothing_else(string program, string setting, string value, string says)
    {
        await using var process = new SiloProcess(new Dictionary<string, string>(Settings(NobodyListens), StringComparer.Ordinal) { [setting] = value }, program);
        await process.StartAsync();
        await process.EndsAsync();
        Assert.Equal((78, says), (process.ExitCode, process.Log.TrimEnd()));
    }

    private static Dictionary<string, string> Settings(string database)
    {
        var ports = DialerHost.FreePorts(2);
        return new(StringComparer.Ordinal)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Dialer:Database"] = database,
            ["Dialer:ApiKey"] = DialerHost.ApiKey,
            ["Dialer:WebPassword"] = DialerHost.Password,
            ["Dialer:Silo:Port"] = DialerHost.Number(ports[0]),
            ["Dialer:Silo:GatewayPort"] = DialerHost.Number(ports[1]),
            ["Dialer:Media:Folder"] = Checkout.Scratch,
            ["Dialer:Nodes:0:Id"] = "nobody",
            ["Dialer:Nodes:0:AriUrl"] = "http://127.0.0.1:1/ari/",
            ["Dialer:Nodes:0:User"] = "dialer",
            ["Dialer:Nodes:0:Password"] = DialerHost.Password,
            ["Logging:LogLevel:Microsoft"] = "Information",
        };
    }
}
