using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace Dialer.Tests.Infrastructure;

/// <summary>Tests in this collection share one pair of Asterisks, one test at a time and nothing beside them: they listen to every word, or to the second.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AsteriskCollection : ICollectionFixture<AsteriskPair>
{
    public const string Name = "Asterisk";
}

/// <summary>The same with a pair of their own and beside other tests: they ask for what became of calls.</summary>
[CollectionDefinition(Name)]
public sealed class BusyAsteriskCollection : ICollectionFixture<AsteriskPair>
{
    public const string Name = "Asterisk beside others";
}

/// <summary>
/// Two real Asterisks: the one that the dialer drives, and the telephone network with its people, whose numbers say how
/// they behave (asterisk/network/extensions.conf).
/// </summary>
public sealed class AsteriskPair : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public AsteriskPair()
    {
        var folder = Path.Combine(Checkout.Scratch, string.Create(
            CultureInfo.InvariantCulture, $"asterisk-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"));
        HeardFolder = Path.Combine(folder, "heard");
        Pbx = new AsteriskInstance("pbx", Path.Combine(folder, "pbx")) { GoesFirst = true };
        Network = new AsteriskInstance("network", Path.Combine(folder, "network"), $"heard={HeardFolder}", $"line_password={LinePassword}") { GoesFirst = true };
    }

    public AsteriskInstance Pbx { get; }

    public AsteriskInstance Network { get; }

    /// <summary>With the login <c>line</c>: what a trunk that registers at the network uses.</summary>
    public string LinePassword { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>One WAV per answered call and person: what was heard. A file appears there when it is complete.</summary>
    public string HeardFolder { get; }

    public async ValueTask InitializeAsync()
    {
        try
        {
            await Task.WhenAll(Pbx.StartAsync(), Network.StartAsync());
        }
        catch (Exception failure)
        {
            await DisposeAsync();
            throw new InvalidOperationException(
                "These tests need a real Asterisk, and it did not start. Run ./dialer test, which installs what is missing. " + failure.Message, failure);
        }
    }

    /// <summary>Every call that has ended since the network started.</summary>
    public IReadOnlyList<NetworkCall> ReadCallLog() => Network.ReadCallLog();

    /// <summary>Waits until that many calls to this number have ended, and returns them.</summary>
    public Task<IReadOnlyList<NetworkCall>> CallsToAsync(string number, int count = 1) => Eventually.SeeAsync<IReadOnlyList<NetworkCall>>(
        () => ReadCallLog().Where(call => call.Number == number).ToList() is { } calls && calls.Count >= count ? calls : null,
        $"{count} ended call(s) to {number} in the network's log",
        Patience);

    /// <summary>Waits for what was heard in a call that has ended.</summary>
    public async Task<Recording> HeardAsync(NetworkCall call) => await HeardAsync($"{call.Number}-{call.Id}");

    /// <summary>Waits for what the phone heard that dialled (<see cref="DialAsync"/>).</summary>
    public async Task<Recording> HeardAsync(string recording) => Recording.Read(await Eventually.SeeAsync(
        () => Path.Combine(HeardFolder, recording + ".wav") is var path && File.Exists(path) ? path : null,
        $"the recording {recording} in {HeardFolder}",
        Patience));

    /// <summary>
    /// Gives the network a SIP phone that registers at the pbx. It answers after a second and sends an 880 Hz tone; with
    /// an id <c>silent-…</c> it only rings.
    /// </summary>
    public Task AddPhoneAsync(string id, string password) =>
        Network.NetworkAsync("phone", id, password, "127.0.0.1", Pbx.SipPort.ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes such a phone away again.</summary>
    public Task RemovePhoneAsync(string id) => Network.NetworkAsync("forget", id);

    /// <summary>Lets a phone dial an extension of the pbx; the answer names its channel on the network and its recording.</summary>
    public Task<string> DialAsync(string id, string extension) => Network.NetworkAsync("dial", id, extension);

    /// <summary>Ends the call of <see cref="DialAsync"/>.</summary>
    public Task HangUpAsync(string channel) => Network.NetworkAsync("hangup", channel);

    /// <summary>The person under this number, who is in a call, hangs up.</summary>
    public async Task PersonHangsUpAsync(string number)
    {
        var channels = (await Network.Http.GetFromJsonAsync<JsonArray>("channels"))!;
        var channel = channels.Single(c => (string)c!["dialplan"]!["exten"]! == number)!;
        using var answer = await Network.Http.DeleteAsync(new Uri($"channels/{(string)channel["id"]!}", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until somebody has picked up.</summary>
    public Task PersonIsUpAsync(string number) => Eventually.SeeAsync(
        async () => (await Network.Http.GetFromJsonAsync<JsonArray>("channels"))!
            .FirstOrDefault(c => (string)c!["dialplan"]!["exten"]! == number && (string)c["state"]! == "Up"),
        $"{number} picking up",
        TimeSpan.FromSeconds(20));

    /// <summary>Kills the pbx and starts it again: its calls and everything pushed to it are gone.</summary>
    public async Task RestartPbxAsync()
    {
        await Pbx.KillAsync();
        await Pbx.ResumeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Pbx.DisposeAsync();
        await Network.DisposeAsync();
    }
}
