using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Dialer.Benchmarks.Imports;

/// <summary>
/// How fast a list of two numbers and one amount a row comes into an empty campaign, beside what the database does with the
/// bare file: psql's <c>\copy</c> into a table with the same primary key, without anything read, checked or compared.
/// </summary>
public static class ImportBenchmark
{
    /// <summary>Runs both, one after the other, and tells the figures: a table, and JSON in the last line.</summary>
    /// <param name="connectionString">An empty database, which is filled.</param>
    /// <param name="psql">The program, such as <c>/usr/lib/postgresql/15/bin/psql</c>.</param>
    /// <param name="folder">Where the file of rows may lie; it is deleted.</param>
    /// <param name="rows">How many.</param>
    /// <param name="output">Where the figures go.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        string connectionString, string psql, string folder, int rows, TextWriter output, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, $"import-{Environment.ProcessId}.csv");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await DatabaseMigrations.ApplyAsync(database, null, NullLogger.Instance, cancellationToken);
        try
        {
            await WriteAsync(file, rows, cancellationToken);

            // Once with few rows, so that neither side pays for its first start.
            var small = Path.ChangeExtension(file, ".small.csv");
            await WriteAsync(small, 20_000, cancellationToken);
            await OursAsync(database, small, 20_000, "warm-up", cancellationToken);
            File.Delete(small);

            var (ours, memory) = await OursAsync(database, file, rows, "measured", cancellationToken);
            var raw = await RawAsync(database, new NpgsqlConnectionStringBuilder(connectionString), psql, file, cancellationToken);
            var (oursRate, rawRate) = (rows / ours.TotalSeconds, rows / raw.TotalSeconds);

            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{rows} rows of two numbers and one amount, {new FileInfo(file).Length >> 20} MB"));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  list import    {ours.TotalSeconds,7:0.00} s {oursRate,10:0} rows/s, {memory} MB more memory"));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  psql \\copy     {raw.TotalSeconds,7:0.00} s {rawRate,10:0} rows/s"));
            await output.WriteLineAsync(JsonSerializer.Serialize(new
            {
                bench = "import",
                ours = Math.Round(oursRate),
                raw = Math.Round(rawRate),
                ratio = Math.Round(oursRate / rawRate, 2),
                memoryMb = memory,
            }));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task WriteAsync(string file, int rows, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 20);
        await writer.WriteLineAsync("\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"");
        var line = new StringBuilder();
        for (var i = 0; i < rows; i++)
        {
            // Neither sorted nor alike: numbers are spread over the codes, as in real lists.
            var number = i * 7_919L % 100_000_000;
            line.Clear().Append(
                CultureInfo.InvariantCulture,
                $"\"Example Person {i}\",\"791{number:00000000};8 (92{number % 10}) {i / 10_000 % 1000:000}-{i / 100 % 100:00}-{i % 100:00}\",\"BALANCE=-{i % 100_000}.{i % 100:00}\"\n");
            await writer.WriteAsync(line, cancellationToken);
        }
    }

    private static async Task<(TimeSpan Took, long MemoryMb)> OursAsync(
        NpgsqlDataSource database, string file, int rows, string campaign, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("insert into campaign (tenant, id) values ('example', @id) returning no");
        command.Parameters.AddWithValue("id", campaign);
        var no = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        var list = await new ListQueries(database, TimeProvider.System).BeginAsync(no, ListMode.Replace, null, cancellationToken);
        var importer = new ListImporter(database, TimeProvider.System, NullLogger<ListImporter>.Instance);
        var spoken = new Dictionary<string, SpokenVariable>(StringComparer.Ordinal) { ["BALANCE"] = SpokenVariable.Money };

        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (before, highest) = (process.WorkingSet64, process.WorkingSet64);
        await using var body = File.OpenRead(file);
        var clock = Stopwatch.StartNew();
        var result = await importer.ImportAsync(
            new ListImportRequest("example", campaign, no, list, ListMode.Replace, CultureInfo.GetCultureInfo("ru-RU"), spoken)
            {
                Progress = _ =>
                {
                    process.Refresh();
                    highest = Math.Max(highest, process.WorkingSet64);
                },
            },
            body,
            cancellationToken);
        clock.Stop();
        if (result.Counts.Contacts != rows)
        {
            throw new InvalidOperationException($"{result.Counts.Contacts} of {rows} rows were taken: {result.Reason ?? "see the list's problems"}.");
        }

        return (clock.Elapsed, (highest - before) >> 20);
    }

    private static async Task<TimeSpan> RawAsync(
        NpgsqlDataSource database, NpgsqlConnectionStringBuilder target, string psql, string file, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "create table plain (id bigint generated always as identity primary key, name text, phone_number text, user_vars text)");
        await command.ExecuteNonQueryAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        await Cli.Wrap(psql)
            .WithArguments([
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", target.Host!, "-p", target.Port.ToString(CultureInfo.InvariantCulture),
                "-U", target.Username!, "-d", target.Database!,
                "-c", $"\\copy plain (name, phone_number, user_vars) from '{file}' with (format csv, header)"])
            .WithEnvironmentVariables(e => e.Set("PGPASSWORD", target.Password))
            .ExecuteBufferedAsync(cancellationToken);
        return clock.Elapsed;
    }
}
