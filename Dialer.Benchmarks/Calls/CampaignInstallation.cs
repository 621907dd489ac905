using System.Globalization;
using System.Text;
using System.Text.Json;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// A dialer with campaigns that call as fast as their lines allow: usually one, on one trunk. Whose Asterisk it drives is told by who inherits.
/// </summary>
internal abstract class CampaignInstallation(DialerInstallation dialer) : IAsyncDisposable
{
    /// <summary>The trunk's endpoint in Asterisk, as the silo pushes it.</summary>
    public const string Endpoint = "t.example.main";

    /// <summary>The usual campaign's address below <c>/api/v1</c>.</summary>
    public const string Campaign = $"{Campaigns}/{UsualCampaign}";

    /// <summary>The tenant's address below <c>/api/v1</c>.</summary>
    public const string Tenant = "tenants/example";

    /// <summary>Every day of the week.</summary>
    public static readonly IReadOnlyList<string> Week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private const string Campaigns = $"{Tenant}/campaigns";
    private const string UsualCampaign = "calls";
    private const string UsualTrunk = "main";

    private readonly List<string> _campaigns = [];

    public DialerInstallation Dialer { get; } = dialer;

    /// <summary>An extension of the dial plan.</summary>
    public Task ExtensionAsync(string number, object settings, CancellationToken cancellationToken) =>
        Put($"{Tenant}/extensions/{number}", settings, cancellationToken);

    /// <summary>A clip to play: a tone of 440 Hz, or silence.</summary>
    public Task ClipAsync(string id, TimeSpan length, bool silent, CancellationToken cancellationToken) =>
        Dialer.Api.PutFileAsync($"{Tenant}/audio/{id}", Clip.Wav(length, silent), cancellationToken);

    /// <summary>
    /// A campaign of these numbers (of none as yet, where there are none), from extension 100, that does not call yet. Variables are as a
    /// list has them, and the same for everybody.
    /// </summary>
    public async Task CampaignAsync(
        int lines, IEnumerable<string> numbers, CancellationToken cancellationToken, int retries = 0, string variables = "",
        string campaign = UsualCampaign, string trunk = UsualTrunk)
    {
        if (!_campaigns.Contains($"{Campaigns}/{campaign}"))
        {
            _campaigns.Add($"{Campaigns}/{campaign}");
        }

        await SettingsAsync(campaign, trunk, lines, enabled: false, Week, cancellationToken, retries);
        var csv = new StringBuilder();
        foreach (var (number, index) in numbers.Select((n, i) => (n, i)))
        {
            csv.Append(CultureInfo.InvariantCulture, $"Example {index},{number},{variables}\n");
        }

        if (csv.Length > 0)
        {
            using var body = new MemoryStream(Encoding.UTF8.GetBytes("NAME,PHONE_NUMBER,USER_VARS\n" + csv));
            await Dialer.Api.PostCsvAsync($"{Campaigns}/{campaign}/lists", body, cancellationToken);
        }
    }

    /// <summary>The settings of a campaign that plays extension 100 to each person once, on these days around the clock.</summary>
    public Task SettingsAsync(
        string id, string trunk, int lines, bool enabled, IReadOnlyList<string> days, CancellationToken cancellationToken, int retries = 0) => Put(
        $"{Campaigns}/{id}",
        new
        {
            name = "Calls",
            entry = "100",
            enabled,
            trunks = new[] { new { trunk, lines } },
            schedule = new[] { new { days, from = "00:00", to = "00:00" } },
            minimumDuration = "00:00:00",
            retries,
        },
        cancellationToken);

    /// <summary>Puts a list in the place of the usual campaign's one before; comes back when it is in force.</summary>
    public Task UploadAsync(Stream csv, CancellationToken cancellationToken) => Dialer.Api.PostCsvAsync($"{Campaign}/lists", csv, cancellationToken);

    public Task StartCallingAsync(CancellationToken cancellationToken) => EachAsync("start", cancellationToken);

    /// <summary>Starts one campaign alone.</summary>
    public Task StartCallingAsync(string campaign, CancellationToken cancellationToken) =>
        Dialer.Api.PostAsync($"{Campaigns}/{campaign}/start", cancellationToken);

    public Task PauseAsync(CancellationToken cancellationToken) => EachAsync("pause", cancellationToken);

    /// <summary>Waits until no call is running, so that the network's log has them all.</summary>
    public Task IdleAsync(CancellationToken cancellationToken) => Eventually.SeeAsync(
        async () => (await Task.WhenAll(_campaigns.Select(path => Dialer.Api.GetAsync($"{path}/stats", cancellationToken))))
            .All(stats => (int?)stats["contacts"]!["calling"] == 0) ? this : null,
        "the end of all calls",
        TimeSpan.FromSeconds(60));

    public virtual ValueTask DisposeAsync() => Dialer.DisposeAsync();

    /// <summary>One more trunk to the same gateway.</summary>
    public Task TrunkAsync(string trunk, int lines, int sipPort, CancellationToken cancellationToken) =>
        Put($"{Tenant}/trunks/{trunk}", new { host = "127.0.0.1", port = sipPort, lines, callsPerSecond = 5000 }, cancellationToken);

    /// <summary>Sets up the tenant and the usual trunk.</summary>
    protected async Task SetUpAsync(int lines, int sipPort, CancellationToken cancellationToken)
    {
        await Put(Tenant, new { name = "Example", culture = "en-GB", timeZone = "Europe/London" }, cancellationToken);
        await TrunkAsync(UsualTrunk, lines, sipPort, cancellationToken);
    }

    private Task EachAsync(string command, CancellationToken cancellationToken) =>
        Task.WhenAll(_campaigns.Select(path => Dialer.Api.PostAsync($"{path}/{command}", cancellationToken)));

    private Task Put(string path, object body, CancellationToken cancellationToken) =>
        Dialer.Api.PutAsync(path, JsonSerializer.Serialize(body), cancellationToken);
}
