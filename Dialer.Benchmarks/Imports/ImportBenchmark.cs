using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Infrastructure;
using Npgsql;

namespace Dialer.Benchmarks.Imports;

/// <summary>
/// How fast a list of two numbers and one amount a row comes into an empty campaign through the REST interface, from the first byte to
/// the 202; beside what the database does with the bare file: psql's <c>\copy</c> into a table with the same primary key, without
/// anything read, checked or compared.
/// </summary>
internal static class ImportBenchmark
{
    private const string Tenant = "tenants/example";

    /// <summary>Runs both, one after the other, and tells the figures: a table, and JSON in the last line.</summary>
    public static async Task RunAsync(int rows, TextWriter output, CancellationToken cancellationToken)
    {
        // Nobody listens there: an upload needs no Asterisk.
        var nowhere = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{DialerInstallation.FreePort()}/ari/"));
        await using var dialer = await DialerInstallation.StartAsync(nowhere, "nobody", "nothing", cancellationToken);
        await PrepareAsync(dialer.Api, cancellationToken);
        // Once with few rows, so that neither side pays for its first start.
        using (var few = await ListFile.OfDebtsAsync(20_000, cancellationToken))
        {
            await UploadAsync(dialer, few.Path, 20_000, "warm-up", cancellationToken);
        }

        using var file = await ListFile.OfDebtsAsync(rows, cancellationToken);
        var ours = await UploadAsync(dialer, file.Path, rows, "measured", cancellationToken);
        var reads = new ReadTimes(dialer.Api, $"{Tenant}/campaigns/measured");
        await reads.AskAsync(cancellationToken);
        await reads.AskAsync(cancellationToken);
        var size = await SizeAsync(dialer.Database, cancellationToken);
        var raw = await CopyAsync(dialer.Database, file.Path, cancellationToken);

        var (oursRate, rawRate) = (rows / ours.Took.TotalSeconds, rows / raw.TotalSeconds);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{rows} rows of two numbers and one amount, {file.Megabytes} MB"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  REST upload    {ours.Took.TotalSeconds,7:0.00} s {oursRate,10:0} rows/s; CPU web {ours.WebCpu.TotalSeconds:0.0} s, PostgreSQL {ours.PostgresCpu.TotalSeconds:0.0} s; web {ours.MemoryMb:0} MB above its idle {ours.IdleMb:0} MB"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  psql \\copy     {raw.TotalSeconds,7:0.00} s {rawRate,10:0} rows/s"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  on disk        {size.Rows:0} MB of rows, {size.Indexes:0} MB of indexes; longest answers then: {reads}"));
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            bench = "import",
            ours = Math.Round(oursRate),
            raw = Math.Round(rawRate),
            ratio = Math.Round(oursRate / rawRate, 2),
            memoryMb = Math.Round(ours.MemoryMb),
            webCpuSeconds = ours.WebCpu.TotalSeconds,
            postgresCpuSeconds = ours.PostgresCpu.TotalSeconds,
            diskMb = Math.Round(size.Rows + size.Indexes),
            readMs = reads.LongestMs,
        }));
    }

    private static async Task PrepareAsync(DialerApi api, CancellationToken cancellationToken)
    {
        await api.PutAsync(Tenant, """{"name":"Example","culture":"ru-RU","timeZone":"Europe/Moscow"}""", cancellationToken);
        await api.PutAsync($"{Tenant}/trunks/main", """{"host":"127.0.0.1","port":5070,"lines":5,"callsPerSecond":10}""", cancellationToken);
        await api.PutAsync($"{Tenant}/extensions/999", """{"kind":"sayText","text":"[% VAR:BALANCE %] rub","type":"money","goTo":null}""", cancellationToken);
        foreach (var campaign in (string[])["warm-up", "measured"])
        {
            await api.PutAsync(
                $"{Tenant}/campaigns/{campaign}",
                """{"name":"Example","entry":"999","enabled":false,"trunks":[{"trunk":"main","lines":3}],"schedule":[{"days":["mon"],"from":"09:00","to":"20:00"}]}""",
                cancellationToken);
        }
    }

    private static async Task<Upload> UploadAsync(DialerInstallation dialer, string file, int rows, string campaign, CancellationToken cancellationToken)
    {
        var idle = ProcessFigures.MemoryMb(dialer.Web);
        var (webCpu, postgresCpu) = (ProcessFigures.Cpu(dialer.Web), ProcessFigures.Cpu(dialer.Postgres));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(dialer.Web, over.Token);
        var path = $"{Tenant}/campaigns/{campaign}/lists";
        await using var body = File.OpenRead(file);
        var clock = Stopwatch.StartNew();
        var accepted = await dialer.Api.PostCsvAsync($"{path}?mode=replace", body, cancellationToken);
        clock.Stop();
        await over.CancelAsync();
        var highest = await watching;
        var list = await dialer.Api.GetAsync($"{path}/{accepted!["id"]}", cancellationToken);
        return (int?)list["contacts"] == rows && (string?)list["state"] == "done"
            ? new Upload(clock.Elapsed, idle, highest - idle, ProcessFigures.Cpu(dialer.Web) - webCpu, ProcessFigures.Cpu(dialer.Postgres) - postgresCpu)
            : throw new InvalidOperationException($"Not all of {rows} rows were taken: {list.ToJsonString()}");
    }

    private static async Task<(double Rows, double Indexes)> SizeAsync(string connection, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(
            "select pg_table_size('contact') / 1048576.0::float8, pg_indexes_size('contact') / 1048576.0::float8");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetDouble(0), row.GetDouble(1));
    }

    /// <summary>The most memory that a process had, looked at every 50 ms.</summary>
    private static async Task<double> WatchAsync(int process, CancellationToken cancellationToken)
    {
        var highest = 0.0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            do
            {
                highest = Math.Max(highest, ProcessFigures.MemoryMb(process));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The upload is over.
        }

        return highest;
    }

    private static async Task<TimeSpan> CopyAsync(string connection, string file, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(connection);
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(
            "create table plain (id bigint generated always as identity primary key, name text, phone_number text, user_vars text)");
        await command.ExecuteNonQueryAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        await Cli.Wrap("psql")
            .WithArguments([
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", target.Host!, "-p", target.Port.ToString(CultureInfo.InvariantCulture),
                "-U", target.Username!, "-d", target.Database!,
                "-c", $"\\copy plain (name, phone_number, user_vars) from '{file}' with (format csv, header)"])
            .WithEnvironmentVariables(e => e.Set("PGPASSWORD", target.Password))
            .ExecuteBufferedAsync(cancellationToken);
        return clock.Elapsed;
    }

    private sealed record Upload(TimeSpan Took, double IdleMb, double MemoryMb, TimeSpan WebCpu, TimeSpan PostgresCpu);
}
