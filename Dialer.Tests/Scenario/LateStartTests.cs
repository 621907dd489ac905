using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>A machine starts, and its parts come up in any order: the dialer first of all.</summary>
[Collection(BusyAsteriskCollection.Name)]
public sealed class LateStartTests(AsteriskPair pair) : IAsyncLifetime
{
    private PostgresServer _postgres = null!;

    public async ValueTask InitializeAsync() => _postgres = await PrivatePostgres.StartDedicatedAsync();

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task A_dialer_that_starts_first_waits_for_PostgreSQL_and_for_Asterisk_and_says_so()
    {
        await _postgres.StopAsync();
        await pair.Pbx.KillAsync();
        try
        {
            await using var dialer = await RealDialer.StartAsync(pair, new HostedParts(_postgres.ConnectionString(), RealDialer.NodeOf(pair))
            {
                SilosApart = 1,
                AwaitNodes = false,
                Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Logging:LogLevel:Dialer"] = "Warning" },
                SiloStarted = async silo =>
                {
                    await silo.SaysAsync("Waiting for PostgreSQL");
                    await _postgres.StartAsync();
                },
            });
            await dialer.PutCampaignAsync();
            var number = RealDialer.Number(11);
            await dialer.AddAsync(("Listens Example", number));
            await Eventually.SeeAsync(
                async () => (await dialer.Api.GetAsync($"{RealDialer.Campaign}/status"))["reasons"]!.AsArray() is var reasons
                    && reasons.Any(r => (string)r!["code"]! == "noNode") ? reasons : null,
                "«no Asterisk» as the reason why nothing is dialled",
                TimeSpan.FromSeconds(10));

            await pair.Pbx.ResumeAsync();

            await dialer.OutcomesAsync(("Listens Example", number, "done", ["success"]));
        }
        finally
        {
            if (!pair.Pbx.IsRunning)
                await pair.Pbx.ResumeAsync();
        }
    }
}
