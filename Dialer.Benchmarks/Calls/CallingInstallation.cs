using System.Globalization;
using System.Text;
using System.Text.Json;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>A dialer on the pair of Asterisks, with one campaign that calls as fast as its lines allow.</summary>
internal sealed class CallingInstallation : IAsyncDisposable
{
    /// <summary>The trunk's endpoint in the pbx, as the silo pushes it.</summary>
    public const string Endpoint = "t.example.main";

    /// <summary>The campaign's address below <c>/api/v1</c>.</summary>
    public const string Campaign = $"{Tenant}/campaigns/calls";

    private const string Tenant = "tenants/example";

    private CallingInstallation(TelephonePair pair, DialerInstallation dialer) => (Pair, Dialer) = (pair, dialer);

    public TelephonePair Pair { get; }

    public DialerInstallation Dialer { get; }

    /// <summary>Starts everything and sets up tenant and trunk.</summary>
    public static async Task<CallingInstallation> StartAsync(int lines, CancellationToken cancellationToken)
    {
        var pair = await TelephonePair.StartAsync();
        try
        {
            var installation = new CallingInstallation(
                pair, await DialerInstallation.StartAsync(pair.Pbx.AriUrl, pair.Pbx.User, pair.Pbx.Password, cancellationToken));
            await installation.Put(Tenant, new { name = "Example", culture = "en-GB", timeZone = "Europe/London" }, cancellationToken);
            await installation.Put(
                $"{Tenant}/trunks/main", new { host = "127.0.0.1", port = pair.Network.SipPort, lines, callsPerSecond = 5000 }, cancellationToken);
            return installation;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>An extension of the dial plan.</summary>
    public Task ExtensionAsync(string number, object settings, CancellationToken cancellationToken) =>
        Put($"{Tenant}/extensions/{number}", settings, cancellationToken);

    /// <summary>A clip to play: a tone of 440 Hz, or silence.</summary>
    public Task ClipAsync(string id, TimeSpan length, bool silent, CancellationToken cancellationToken) =>
        Dialer.Api.PutFileAsync($"{Tenant}/audio/{id}", Clip.Wav(length, silent), cancellationToken);

    /// <summary>A campaign of these numbers (of none as yet, where there are none), from extension 100, that does not call yet.</summary>
    public async Task CampaignAsync(int lines, IEnumerable<string> numbers, CancellationToken cancellationToken)
    {
        var week = new[] { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
        await Put(
            Campaign,
            new
            {
                name = "Calls",
                entry = "100",
                enabled = false,
                trunks = new[] { new { trunk = "main", lines } },
                schedule = new[] { new { days = week, from = "00:00", to = "00:00" } },
                minimumDuration = "00:00:00",
                retries = 0,
            },
            cancellationToken);
        var csv = new StringBuilder();
        foreach (var (number, index) in numbers.Select((n, i) => (n, i)))
        {
            csv.Append(CultureInfo.InvariantCulture, $"Example {index},{number}\n");
        }

        if (csv.Length > 0)
        {
            using var body = new MemoryStream(Encoding.UTF8.GetBytes("NAME,PHONE_NUMBER\n" + csv));
            await UploadAsync(body, cancellationToken);
        }
    }

    /// <summary>Puts a list in the place of the one before; comes back when it is in force.</summary>
    public Task UploadAsync(Stream csv, CancellationToken cancellationToken) => Dialer.Api.PostCsvAsync($"{Campaign}/lists", csv, cancellationToken);

    public Task StartCallingAsync(CancellationToken cancellationToken) => Dialer.Api.PostAsync($"{Campaign}/start", cancellationToken);

    public Task PauseAsync(CancellationToken cancellationToken) => Dialer.Api.PostAsync($"{Campaign}/pause", cancellationToken);

    /// <summary>Waits until no call is running, so that the network's log has them all.</summary>
    public Task IdleAsync(CancellationToken cancellationToken) => Eventually.SeeAsync(
        async () => (int?)(await Dialer.Api.GetAsync($"{Campaign}/stats", cancellationToken))["contacts"]!["calling"] == 0 ? this : null,
        "the end of all calls",
        TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Pair.DisposeAsync();
    }

    private Task Put(string path, object body, CancellationToken cancellationToken) =>
        Dialer.Api.PutAsync(path, JsonSerializer.Serialize(body), cancellationToken);
}
