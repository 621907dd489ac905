using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dialer.Benchmarks.Calls;
using Npgsql;

namespace Dialer.Benchmarks.Imports;

/// <summary>
/// Whether calls go on while a list replaces another of the same length, half of whose people are in both: 30 lines with calls of a
/// second, as the telephone network and the database saw them, during the upload and in the seconds before it.
/// </summary>
internal static class ReplaceBenchmark
{
    private const int Lines = 30;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(int rows, TextWriter output, CancellationToken cancellationToken)
    {
        await using var installation = await CallingInstallation.StartAsync(Lines, cancellationToken);
        await installation.ClipAsync("nothing", TimeSpan.FromMilliseconds(100), silent: true, cancellationToken);
        await installation.ExtensionAsync(
            "100", new { kind = "playback", audio = "nothing", waitForInput = true, inputTimeout = "00:00:30" }, cancellationToken);
        await installation.CampaignAsync(Lines, [], cancellationToken);
        using (var first = await ListFile.OfShortCallsAsync(0, rows, cancellationToken))
        {
            await UploadAsync(installation, first, cancellationToken);
        }

        using var second = await ListFile.OfShortCallsAsync(rows / 2, rows, cancellationToken);
        await using var database = NpgsqlDataSource.Create(installation.Dialer.Database);
        await installation.StartCallingAsync(cancellationToken);
        // Until all lines have begun their second call.
        await Task.Delay(TimeSpan.FromSeconds(4), cancellationToken);
        var quiet = await WatchAsync(installation, database, () => Task.Delay(Before, cancellationToken), cancellationToken);
        var replacing = await WatchAsync(
            installation,
            database,
            async () =>
            {
                await UploadAsync(installation, second, cancellationToken);
                await Task.Delay(After, cancellationToken);
            },
            cancellationToken);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);

        var starts = installation.Pair.Calls().Select(call => call.StartedAt).Order().ToList();
        var (quietGap, gap) = (LongestGap(starts, quiet), LongestGap(starts, replacing));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{rows} people replaced by {rows}, half of them the same, within {(replacing.To - replacing.From - After).TotalSeconds:0.0} s; {Lines} lines, calls of a second"));
        await output.WriteLineAsync($"  longest statement of the silo    {replacing.Statements}; before: {quiet.Statements}");
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  longest time without a new call  {gap:0} ms; before: {quietGap:0} ms"));
        await output.WriteLineAsync($"  longest answers                  {replacing.Reads}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "replace",
            ours = gap,
            raw = quietGap,
            ratio = Math.Round(gap / quietGap, 2),
            statementMs = replacing.Statements.LongestMs,
            readMs = replacing.Reads.LongestMs,
            uploadSeconds = Math.Round((replacing.To - replacing.From - After).TotalSeconds, 1),
        }));
    }

    private static async Task UploadAsync(CallingInstallation installation, ListFile list, CancellationToken cancellationToken)
    {
        await using var body = list.Open();
        await installation.UploadAsync(body, cancellationToken);
    }

    private static async Task<Watched> WatchAsync(
        CallingInstallation installation, NpgsqlDataSource database, Func<Task> act, CancellationToken cancellationToken)
    {
        var statements = new StatementWatch(database);
        var reads = new ReadTimes(installation.Dialer.Api, CallingInstallation.Campaign);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = Task.WhenAll(statements.LookUntilAsync(over.Token), reads.AskUntilAsync(over.Token));
        var from = TimeProvider.System.GetUtcNow();
        await act();
        var to = TimeProvider.System.GetUtcNow();
        await over.CancelAsync();
        await watching;
        return new Watched(from, to, statements, reads);
    }

    private static double LongestGap(List<DateTimeOffset> starts, Watched window)
    {
        var within = starts.Where(start => start >= window.From && start < window.To).ToList();
        return within.Count < 2
            ? throw new InvalidOperationException("There were no calls to measure.")
            : Math.Round(within.Zip(within.Skip(1)).Max(pair => (pair.Second - pair.First).TotalMilliseconds));
    }

    private sealed record Watched(DateTimeOffset From, DateTimeOffset To, StatementWatch Statements, ReadTimes Reads);
}
