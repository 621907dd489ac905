using Dialer.Benchmarks.Calls;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>Measures the calls and claims of campaigns whose lists grow from size to size.</summary>
/// <param name="installation">What they call with.</param>
/// <param name="database">Its database.</param>
/// <param name="length">How long each size is measured.</param>
/// <param name="output">A line for each size.</param>
internal sealed class GrowingLists(FakeInstallation installation, NpgsqlDataSource database, TimeSpan length, TextWriter output)
{
    /// <summary>Until a silo that has just begun to call has found its pace.</summary>
    public static readonly TimeSpan RampUp = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    // A campaign that has nobody to call looks each 15 s whether somebody came without an upload.
    private static readonly TimeSpan Noticing = TimeSpan.FromSeconds(16);

    /// <summary>Measures enabled campaigns of which nobody waits yet, at each size. They must be stopped, and are stopped afterwards.</summary>
    public async Task<Growth> GrowAsync(RunningCampaigns campaigns, IEnumerable<long> sizes, CancellationToken cancellationToken)
    {
        var contacts = new WaitingContacts(database);
        await using var bareClaims = new BareClaims(installation.Dialer.Database);
        var growth = new Growth([], [await Memory.SettledAsync(installation.Dialer, 0, Settling, cancellationToken)]);
        foreach (var size in sizes)
        {
            await contacts.FillAsync(campaigns, size, cancellationToken);
            await contacts.SettleAsync(cancellationToken);
            if (growth.Phases.Count == 0)
            {
                await Task.Delay(Noticing, cancellationToken);
            }

            growth.Phases.Add(await MeasureAsync(campaigns, size, contacts, bareClaims, cancellationToken));
            growth.Memory.Add(await Memory.SettledAsync(installation.Dialer, size, Settling, cancellationToken));
            await output.WriteLineAsync($"{growth.Phases[^1]}; silo afterwards {growth.Memory[^1]} (before the first: {growth.Memory[0]})");
        }

        return growth;
    }

    private async Task<SizePhase> MeasureAsync(
        RunningCampaigns campaigns, long size, WaitingContacts contacts, BareClaims bareClaims, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = contacts.KeepAsync(campaigns, size, over.Token);
        await campaigns.CallAsync(cancellationToken);
        await Task.Delay(RampUp, cancellationToken);
        await Statements.ResetAsync(database, cancellationToken);
        var before = await SiloFigures.ReadAsync(installation.Dialer, cancellationToken);
        var (from, cpu) = (TimeProvider.System.GetUtcNow(), CallCpu.Now(installation));
        await Task.Delay(length, cancellationToken);
        var (took, used) = (TimeProvider.System.GetUtcNow() - from, CallCpu.Now(installation) - cpu);
        var claims = (await SiloFigures.ReadAsync(installation.Dialer, cancellationToken)).ClaimsSince(before);
        var server = await Statements.OfAsync(database, Statements.Claim, cancellationToken);
        await over.CancelAsync();
        await keeping;
        await campaigns.StopAsync(database, cancellationToken);
        var rate = installation.FinishedPerSecond(from, took);
        var each = (int)Math.Round((double)server.Rows / Math.Max(1, server.Calls));
        var bare = await bareClaims.RunAsync(campaigns, Math.Max(1, each), cancellationToken);
        return new SizePhase(campaigns.Ids.Count, size, rate, claims, server, took.TotalSeconds, bare, used.Per(rate * took.TotalSeconds));
    }
}
