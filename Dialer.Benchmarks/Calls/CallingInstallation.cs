using Dialer.Benchmarks.Installation;

namespace Dialer.Benchmarks.Calls;

/// <summary>A dialer on the pair of Asterisks.</summary>
internal sealed class CallingInstallation : CampaignInstallation
{
    private CallingInstallation(TelephonePair pair, DialerInstallation dialer)
        : base(dialer) => Pair = pair;

    public TelephonePair Pair { get; }

    /// <summary>Starts everything and sets up tenant and trunk.</summary>
    public static async Task<CallingInstallation> StartAsync(int lines, CancellationToken cancellationToken)
    {
        var pair = await TelephonePair.StartAsync();
        try
        {
            var installation = new CallingInstallation(
                pair, await DialerInstallation.StartAsync(pair.Pbx.AriUrl, pair.Pbx.User, pair.Pbx.Password, cancellationToken));
            await installation.SetUpAsync(lines, pair.Network.SipPort, cancellationToken);
            return installation;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Pair.DisposeAsync();
    }
}
