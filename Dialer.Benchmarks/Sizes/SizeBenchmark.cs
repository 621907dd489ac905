using System.Globalization;
using System.Text.Json;
using Dialer.Benchmarks.Calls;
using Dialer.Benchmarks.Imports;
using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>
/// What the length of lists and the number of campaigns cost: claims and calls with few and many contacts waiting, in one campaign and
/// in a thousand over as many lines; the silo's memory; and what people look at, with as many past attempts.
/// </summary>
internal static class SizeBenchmark
{
    private const int Lines = 500;
    private const int ManyCampaigns = 1000;
    private const long Smallest = 10_000;

    // Who is called hangs up after 0.1 s, so that the lines are no bound.
    private const string Script = """{"numbers": [{"prefix": "799919", "behaviours": [{"hangsUp": 0.1}]}], "otherMedia": 0.05}""";

    // Who looks whether something is due without an event does so each 15 s.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(16);

    /// <summary>Measures it.</summary>
    /// <param name="largest">The largest number of waiting contacts, and of past attempts.</param>
    /// <param name="seconds">How long each size is measured.</param>
    /// <param name="part"><c>one</c> campaign, <c>many</c>, the <c>reads</c>, or <c>all</c>.</param>
    /// <param name="output">Lines for people, and last one of JSON.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(long largest, int seconds, string part, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await FakeInstallation.StartAsync(Lines, Script, cancellationToken, postgres: Statements.Settings);
        await installation.ClipAsync("clip", TimeSpan.FromMilliseconds(50), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "clip", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        await using var database = DatabaseRegistration.CreateDataSource(new DatabaseOptions { ConnectionString = installation.Dialer.Database });
        var one = await WarmUpAsync(installation, database, cancellationToken);

        var sizes = new[] { Smallest, largest / 10, largest }.Where(size => size >= Smallest).Distinct().ToList();
        var lists = new GrowingLists(installation, database, TimeSpan.FromSeconds(seconds), output);
        var figures = new SizeFigures();
        if (part is "one" or "all")
        {
            await LimitsAsync(installation, TimeSpan.FromSeconds(seconds), output, cancellationToken);
            await output.WriteLineAsync(SizePhase.Header);
            figures.One = await lists.GrowAsync(one, sizes, cancellationToken);
        }

        await installation.PauseAsync(cancellationToken);
        if (part is "many" or "all")
        {
            var many = await RunningCampaigns.ManyAsync(installation, ManyCampaigns, Lines, cancellationToken);
            (figures.Closed, figures.Empty) = await IdleAsync(installation, database, many, output, cancellationToken);
            await output.WriteLineAsync(SizePhase.Header);
            figures.Many = await lists.GrowAsync(many, sizes, cancellationToken);
        }

        if (part is "reads" or "all")
        {
            await PastAttempts.InsertAsync(database, largest, cancellationToken);
            figures.Reads = new ReadTimes(installation.Dialer.Api, CampaignInstallation.Campaign);
            for (var i = 0; i < 10; i++)
            {
                await figures.Reads.AskAsync(cancellationToken);
            }

            var counting = await PastAttempts.CountingTakesAsync(database, cancellationToken);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"longest of ten answers of a campaign with {largest} attempts: {figures.Reads}; counting them instead: {counting.TotalMilliseconds:0} ms"));
        }

        await output.WriteLineAsync(JsonSerializer.Serialize(figures.Summary()));
    }

    private static async Task<RunningCampaigns> WarmUpAsync(FakeInstallation installation, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        // Called to the end: nobody waits, and the silo has compiled what it runs.
        await installation.CampaignAsync(
            Lines, Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"799919{i:00000}")), cancellationToken);
        var one = RunningCampaigns.One(installation);
        await installation.StartCallingAsync(cancellationToken);
        await Eventually.SeeAsync(
            async () => (int?)(await installation.Dialer.Api.GetAsync($"{CampaignInstallation.Campaign}/stats", cancellationToken))["contacts"]!["waiting"] == 0 ? one : null,
            "the end of the first list",
            TimeSpan.FromSeconds(60),
            TimeSpan.FromMilliseconds(500));
        await one.StopAsync(database, cancellationToken);
        return one;
    }

    private static async Task LimitsAsync(FakeInstallation installation, TimeSpan length, TextWriter output, CancellationToken cancellationToken)
    {
        var commits = await PostgresCommits.PerSecondAsync(installation.Dialer.Database, TimeSpan.FromSeconds(2), cancellationToken);
        var from = TimeProvider.System.GetUtcNow() + GrowingLists.RampUp;
        await using var bare = new BareLoop(installation.Asterisk.Options("bare"), "19");
        await bare.RunAsync(Lines, GrowingLists.RampUp + length, cancellationToken);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{Lines} lines; a bare ARI loop makes {installation.FinishedPerSecond(from, length):0} calls/s on them, and PostgreSQL {commits:0} commits of one row per second"));
    }

    private static async Task<(IdleFigures Closed, IdleFigures Empty)> IdleAsync(
        FakeInstallation installation, NpgsqlDataSource database, RunningCampaigns many, TextWriter output, CancellationToken cancellationToken)
    {
        // Whatever today is here or at the campaign's place, it is not that day.
        var another = CampaignInstallation.Week[((int)TimeProvider.System.GetUtcNow().DayOfWeek + 2) % 7];
        await many.SetAsync([another], cancellationToken);
        await many.CallAsync(cancellationToken);
        var closed = await IdleFigures.MeasureAsync(installation, database, Idle, cancellationToken);
        await output.WriteLineAsync($"{many.Ids.Count} campaigns outside of their hours: {closed}");
        await many.SetAsync(CampaignInstallation.Week, cancellationToken);
        var empty = await IdleFigures.MeasureAsync(installation, database, Idle, cancellationToken);
        await output.WriteLineAsync($"{many.Ids.Count} campaigns without contacts:        {empty}");
        await many.StopAsync(database, cancellationToken);
        return (closed, empty);
    }
}
