using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Dialer.Demo;

/// <summary>Sets up what the association's administrator sets up once, and uploads the list.</summary>
public sealed class Scenario(DialerApi api, SimulatedNetwork network, Options options)
{
    public const string Tenant = "tenants/tszh";
    public const string Campaign = $"{Tenant}/campaigns/debts";
    public const string Mobile = "79993000001";
    public const int Lines = 5, Share = 3;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await Put(Tenant, """{"name":"ТСЖ «Пример»","culture":"ru-RU","timeZone":"Europe/Moscow"}""");
        await Put($"{Tenant}/trunks/main", string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"host":"127.0.0.1","port":{{network.SipPort}},"lines":{{Lines}},"callsPerSecond":10,"username":null,"password":null,"register":false,"callerId":"74950000000","codecs":["alaw","ulaw"]}"""));
        var password = RandomNumberGenerator.GetHexString(20, lowercase: true);
        await Put($"{Tenant}/operators/office", $$"""{"name":"Бухгалтерия","password":"{{password}}"}""");
        await Put($"{Tenant}/audio/greeting", """{"text":"Здравствуйте, вас беспокоит ТСЖ Пример, ваша задолженность","voice":null}""");
        await Put($"{Tenant}/audio/pay", """{"text":"Оплатите как можно скорее или нажмите 1, чтобы поговорить с бухгалтером","voice":null}""");
        await Put($"{Tenant}/extensions/999*2*1", $$"""{"kind":"queue","members":[{"operator":"office"},{"number":"{{Mobile}}","trunk":"main"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:02:00","goTo":null}""");
        await Put($"{Tenant}/extensions/999*2", """{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:05","goTo":null}""");
        await Put($"{Tenant}/extensions/999*1", """{"kind":"sayText","text":"[% VAR:BALANCE %] rub","type":"money","goTo":"999*2"}""");
        await Put($"{Tenant}/extensions/999", """{"kind":"autoInformer","audio":"greeting","goTo":"999*1"}""");
        // At any hour of any day, with short waits: so that it can be watched now.
        await Put(Campaign, string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"name":"Долги","entry":"999","enabled":true,"trunks":[{"trunk":"main","lines":{{Share}}}],"schedule":[{"days":["mon","tue","wed","thu","fri","sat","sun"],"from":"00:00","to":"00:00"}],"startDate":"2026-01-01","endDate":"2030-12-31","minimumDuration":"00:00:10","retries":{{Cast.Retries}},"retryInterval":"00:00:20","ringTimeout":"00:00:10","callerId":null,"priority":0}"""));
        await network.AddPhoneAsync("office", password, options.PbxSipPort, cancellationToken);
        await UploadAsync(cancellationToken);

        Task Put(string path, string body) => api.PutAsync(path, (JsonObject)JsonNode.Parse(body)!, cancellationToken);
    }

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        var list = await api.PostCsvAsync($"{Campaign}/lists?mode=replace", Cast.Csv(), cancellationToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        JsonNode report;
        do
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            report = await api.GetAsync($"{Campaign}/lists/{list!["id"]}", cancellationToken);
        }
        while ((string?)report["state"] == "reading");

        var seen = ((int?)report["contacts"], (int?)report["duplicates"], (int?)report["rejected"]);
        if ((string?)report["state"] != "done" || seen != (Cast.People.Count, Cast.Duplicates, Cast.Rejected))
        {
            throw new InvalidOperationException(
                $"The list was not read as it should be ({Cast.People.Count} contacts, {Cast.Duplicates} duplicate, {Cast.Rejected} rejected): {report.ToJsonString()}");
        }

        Console.WriteLine($"The list is read: {Cast.People.Count} people, one duplicate and one row without a number reported.");
    }
}
