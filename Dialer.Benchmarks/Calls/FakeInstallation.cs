using Dialer.Benchmarks.Installation;
using Dialer.Simulation.Calls;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>A dialer on a fake Asterisk, which costs a tenth of a real one and shows what the dialer itself can do.</summary>
internal sealed class FakeInstallation : CampaignInstallation
{
    /// <summary>Where its gateways would be; it has no SIP.</summary>
    public const int SipPort = 5060;

    private readonly string _log;

    private FakeInstallation(FakeAsteriskProcess asterisk, string log, DialerInstallation dialer)
        : base(dialer) => (Asterisk, _log) = (asterisk, log);

    public FakeAsteriskProcess Asterisk { get; }

    /// <summary>Starts everything and sets up tenant and trunk.</summary>
    /// <param name="script">How called people behave (docs/performance.md).</param>
    /// <param name="postgres">Settings of the PostgreSQL server, <c>name=value</c>.</param>
    public static async Task<FakeInstallation> StartAsync(
        int lines, string script, CancellationToken cancellationToken, params IReadOnlyList<string> postgres)
    {
        var log = Path.Combine(Checkout.Scratch, $"calls-{Guid.NewGuid():n}.log");
        var asterisk = await FakeAsteriskProcess.StartAsync(script, log);
        try
        {
            var installation = new FakeInstallation(asterisk, log, await DialerInstallation.StartAsync(
                asterisk.AriUrl, FakeAsteriskProcess.User, FakeAsteriskProcess.Password, cancellationToken, postgres));
            await installation.SetUpAsync(lines, SipPort, cancellationToken);
            return installation;
        }
        catch
        {
            await asterisk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every call so far, as the fake Asterisk saw it, in the order of the originates.</summary>
    public IReadOnlyList<LoggedCall> Calls() => LoggedCall.ReadLog(_log);

    /// <summary>Finished calls per second in some time, by the fake's log.</summary>
    public double FinishedPerSecond(DateTimeOffset from, TimeSpan length) =>
        Calls().Count(call => call.EndedAt >= from && call.EndedAt < from + length) / length.TotalSeconds;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Asterisk.DisposeAsync();
        File.Delete(_log);
    }
}
