using System.Globalization;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;

namespace Dialer.Tests.Rest;

/// <summary>Campaigns that call through this dialer; calls end at once here.</summary>
public sealed partial class DialerOnFake
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static int s_numbers = 1000;

    /// <summary>A campaign that has called everybody: those who answer are done, those who are busy have failed.</summary>
    public async Task<string> CalledAsync(int answering, int busy)
    {
        var campaign = await CampaignAsync(enabled: true);
        var rows = "";
        for (var i = 1; i <= answering; i++)
            rows += Row($"Answers {i}", Number(), header: i == 1);
        for (var i = 1; i <= busy; i++)
        {
            var number = Number();
            Asterisk.Script(number, Subscriber.Busy());
            rows += Row($"Busy {i}", number, header: false);
        }

        await Host.Api.UploadAsync(campaign, rows);
        await FinishedAsync(campaign, answering + busy);
        return campaign;
    }

    /// <summary>Waits until so many contacts of a campaign were called.</summary>
    public Task FinishedAsync(string campaign, int contacts) => Eventually.SeeAsync(
        async () => (await Host.Api.GetAsync($"{campaign}/stats"))["contacts"]! is var counts && (int)counts["done"]! + (int)counts["failed"]! == contacts ? counts : null,
        $"{contacts} contacts called",
        Patience);

    /// <summary>A new tenant with a trunk of five lines and a campaign that may use three; its address below <c>/api/v1/</c>.</summary>
    public async Task<string> CampaignAsync(bool enabled, string schedule = "[]")
    {
        var tenant = await NewTenantAsync();
        await Host.Api.PutAsync($"{tenant}/trunks/main", """{"host":"127.0.0.1","port":5070,"lines":5,"callsPerSecond":100}""");
        await Host.Api.PutAsync($"{tenant}/extensions/998", """{"kind":"playback","audio":"pay","waitForInput":false,"goTo":null}""");
        await Host.Api.PutAsync($"{tenant}/campaigns/debts", $$"""
            {"name":"Долги","entry":"998","enabled":{{(enabled ? "true" : "false")}},"trunks":[{"trunk":"main","lines":3}],
             "schedule":{{schedule}},"minimumDuration":"00:00:00","retries":0}
            """);
        return $"{tenant}/campaigns/debts";
    }

    /// <summary>One row of a list.</summary>
    public static string Row(string name, string number, bool header = true) =>
        (header ? "\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n" : "") + $"\"{name}\",\"{number}\",\"BALANCE=-68.27\"\n";

    /// <summary>A number that no other test calls.</summary>
    public static string Number() => string.Create(CultureInfo.InvariantCulture, $"7999555{Interlocked.Increment(ref s_numbers)}");
}
