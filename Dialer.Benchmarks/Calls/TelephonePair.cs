using System.Globalization;
using System.Security.Cryptography;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>Two real Asterisks: the one that the dialer drives, and the telephone network that answers (asterisk/network).</summary>
internal sealed class TelephonePair : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Checkout.Scratch, string.Create(CultureInfo.InvariantCulture, $"asterisk-{Environment.ProcessId}"));

    private TelephonePair()
    {
        Pbx = new AsteriskInstance("pbx", Path.Combine(_folder, "pbx"), "rtp_from=10000", "rtp_to=19999");
        Network = new AsteriskInstance(
            "network", Path.Combine(_folder, "network"), "rtp_from=20000", "rtp_to=29999",
            $"heard={HeardFolder}", $"line_password={RandomNumberGenerator.GetHexString(16, lowercase: true)}");
    }

    public AsteriskInstance Pbx { get; }

    public AsteriskInstance Network { get; }

    public string HeardFolder => Path.Combine(_folder, "heard");

    public static async Task<TelephonePair> StartAsync()
    {
        var pair = new TelephonePair();
        try
        {
            await Task.WhenAll(pair.Pbx.StartAsync(), pair.Network.StartAsync());
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every call that has ended since the network started, as the network saw it.</summary>
    public IReadOnlyList<NetworkCall> Calls() => Network.ReadCallLog();

    public async ValueTask DisposeAsync()
    {
        await Pbx.DisposeAsync();
        await Network.DisposeAsync();
        if (Directory.Exists(HeardFolder))
        {
            Directory.Delete(HeardFolder, recursive: true);
        }
    }
}
