using Dialer.Benchmarks.Installation;
using Dialer.Simulation.Calls;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>A dialer on fake Asterisks, which cost a tenth of real ones and show what the dialer itself can do.</summary>
internal sealed class FakeInstallation : CampaignInstallation
{
    /// <summary>Where trunks lead; nobody listens there, and a fake Asterisk does not mind.</summary>
    public const int SipPort = 5060;

    private readonly IReadOnlyList<(FakeAsteriskProcess Process, string Log)> _asterisks;

    private FakeInstallation(IReadOnlyList<(FakeAsteriskProcess Process, string Log)> asterisks, DialerInstallation dialer)
        : base(dialer) => _asterisks = asterisks;

    /// <summary>The only one, or the first.</summary>
    public FakeAsteriskProcess Asterisk => _asterisks[0].Process;

    public IEnumerable<FakeAsteriskProcess> Asterisks => _asterisks.Select(asterisk => asterisk.Process);

    /// <summary>Starts everything and sets up tenant and trunk.</summary>
    /// <param name="lines">Of the trunk.</param>
    /// <param name="script">How called people behave (docs/performance.md).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="nodes">How many fake Asterisks.</param>
    /// <param name="silos">How many silos.</param>
    /// <param name="limited">Whether each silo can be held to a share of a core.</param>
    /// <param name="postgres">Settings of the PostgreSQL server, <c>name=value</c>.</param>
    public static async Task<FakeInstallation> StartAsync(
        int lines, string script, CancellationToken cancellationToken, int nodes = 1, int silos = 1, bool limited = false, IReadOnlyList<string>? postgres = null)
    {
        var asterisks = new List<(FakeAsteriskProcess Process, string Log)>();
        try
        {
            for (var node = 0; node < nodes; node++)
            {
                var log = Path.Combine(Checkout.Scratch, $"calls-{Guid.NewGuid():n}.log");
                asterisks.Add((await FakeAsteriskProcess.StartAsync(script, log), log));
            }

            var addresses = asterisks.Select(asterisk => new NodeAddress(asterisk.Process.AriUrl, FakeAsteriskProcess.User, FakeAsteriskProcess.Password));
            var installation = new FakeInstallation(
                asterisks, await DialerInstallation.StartAsync([.. addresses], silos, limited, postgres ?? [], cancellationToken));
            await installation.SetUpAsync(lines, SipPort, cancellationToken);
            return installation;
        }
        catch
        {
            await EndAsync(asterisks);
            throw;
        }
    }

    /// <summary>Every call so far, as the fake Asterisks saw it, in the order of the originates on each.</summary>
    public IReadOnlyList<LoggedCall> Calls() => [.. _asterisks.SelectMany(asterisk => LoggedCall.ReadLog(asterisk.Log))];

    /// <summary>Finished calls per second in some time, by the fake's log.</summary>
    public double FinishedPerSecond(DateTimeOffset from, TimeSpan length) =>
        Calls().Count(call => call.EndedAt >= from && call.EndedAt < from + length) / length.TotalSeconds;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await EndAsync(_asterisks);
    }

    private static async Task EndAsync(IEnumerable<(FakeAsteriskProcess Process, string Log)> asterisks)
    {
        foreach (var (process, log) in asterisks)
        {
            await process.DisposeAsync();
            File.Delete(log);
        }
    }
}
