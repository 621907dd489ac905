using System.Globalization;
using Dialer.Benchmarks.Calls;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Infrastructure;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>Campaigns that call at the same time over the same number of lines: one with all of them, or many with one each.</summary>
internal sealed class RunningCampaigns
{
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 8 };
    private readonly FakeInstallation _installation;
    private readonly int _trunks;

    private RunningCampaigns(FakeInstallation installation, IReadOnlyList<string> ids, int trunks) =>
        (_installation, Ids, _trunks) = (installation, ids, trunks);

    /// <summary>Their ids below the tenant.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The one campaign on the trunk that has all lines.</summary>
    public static RunningCampaigns One(FakeInstallation installation) => new(installation, [CampaignInstallation.Campaign.Split('/')[^1]], trunks: 1);

    /// <summary>Campaigns that share trunks of one line, each with the next campaigns in turn. They exist from <see cref="SetAsync"/> on.</summary>
    public static async Task<RunningCampaigns> ManyAsync(FakeInstallation installation, int campaigns, int trunks, CancellationToken cancellationToken)
    {
        await ForEachAsync(Enumerable.Range(0, trunks), i => installation.TrunkAsync(Trunk(i), lines: 1, FakeInstallation.SipPort, cancellationToken), cancellationToken);
        return new RunningCampaigns(
            installation, [.. Enumerable.Range(0, campaigns).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{i}"))], trunks);
    }

    /// <summary>Enables those of <see cref="ManyAsync"/> on these days.</summary>
    public Task SetAsync(IReadOnlyList<string> days, CancellationToken cancellationToken) => ForEachAsync(
        Enumerable.Range(0, Ids.Count),
        i => _installation.SettingsAsync(Ids[i], Trunk(i % _trunks), lines: 1, enabled: true, days, cancellationToken),
        cancellationToken);

    /// <summary>Has them call, if they are enabled: their node takes calls again.</summary>
    public Task CallAsync(CancellationToken cancellationToken) => NodeAsync("undrain", cancellationToken);

    /// <summary>Has them stop, all with one request: their node gets no calls. Comes back when none is left.</summary>
    public async Task StopAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await NodeAsync("drain", cancellationToken);
        await using var calling = database.CreateCommand("select coalesce(sum(calling), 0)::bigint from campaign_count");
        await Eventually.SeeAsync(
            async () => await calling.ExecuteScalarAsync(cancellationToken) is 0L ? this : null, "the end of all calls", TimeSpan.FromSeconds(60));
    }

    private Task NodeAsync(string verb, CancellationToken cancellationToken) =>
        _installation.Dialer.Api.PostAsync($"nodes/{DialerInstallation.Node}/{verb}", cancellationToken);

    private static string Trunk(int index) => string.Create(CultureInfo.InvariantCulture, $"t{index}");

    private static Task ForEachAsync<T>(IEnumerable<T> all, Func<T, Task> act, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(all, AtOnce, async (one, _) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            await act(one);
        });
}
