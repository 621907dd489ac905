using System.Globalization;
using Dialer.Benchmarks.Installation;
using Dialer.Tests.Watching;
using Npgsql;

namespace Dialer.Benchmarks.Calls;

/// <summary>What there was after some calls, while nobody was being called.</summary>
/// <param name="Calls">Attempts that have ended since the start.</param>
/// <param name="Rate">Calls per second since the sample before, its rest not counted.</param>
/// <param name="MemoryMb">Physical memory of the silo.</param>
/// <param name="HeapMb">What of the silo's objects was alive, after a collection of all of them.</param>
/// <param name="OpenAttempts">Attempts without an end.</param>
/// <param name="Permits">Lines in use, as the trunk has it.</param>
/// <param name="Timers">Timers of the silo's process.</param>
/// <param name="Grains">Grains that are awake.</param>
/// <param name="Sockets">Sockets of the silo's process.</param>
/// <param name="OtherDescriptors">Its other open files.</param>
/// <param name="BytesPerAttempt">The table with its indexes, by its rows.</param>
/// <param name="BytesPerContact">The same of contacts.</param>
/// <param name="AttemptBloat">What the table of attempts takes with its indexes, by what a copy of its rows would take.</param>
/// <param name="ContactBloat">The same of contacts.</param>
/// <param name="Dead">Rows that vacuum has not taken away yet, of all tables.</param>
/// <param name="WalPerCall">Bytes of PostgreSQL's log for each call since the sample before.</param>
/// <param name="SiloMs">CPU of the silo for each of them.</param>
/// <param name="PostgresMs">CPU of PostgreSQL for each of them.</param>
internal sealed record SoakSample(
    long Calls, double Rate, double MemoryMb, double HeapMb, long OpenAttempts, double Permits, double Timers, double Grains, int Sockets,
    int OtherDescriptors, double BytesPerAttempt, double BytesPerContact, double AttemptBloat, double ContactBloat, long Dead, double WalPerCall, double SiloMs, double PostgresMs)
{
    public static string Header { get; } =
        "      calls  calls/s  silo MB  heap MB  open  permits  timers  grains  sockets  files  B/attempt  B/contact  bloat of attempts, contacts  dead rows  WAL B/call  silo ms  PostgreSQL ms";

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Calls,11}  {Rate,7:0}  {MemoryMb,7:0}  {HeapMb,7:0.0}  {OpenAttempts,4}  {Permits,7}  {Timers,6}  {Grains,6}  {Sockets,7}  {OtherDescriptors,5}  {BytesPerAttempt,9:0}  {BytesPerContact,9:0}  {AttemptBloat,17:0.00}, {ContactBloat,8:0.00}  {Dead,9}  {WalPerCall,10:0}  {SiloMs,7:0.000}  {PostgresMs,13:0.000}");
}

/// <summary>Looks at the silo, its process and the database between times of calling.</summary>
internal sealed class SoakWatch : IAsyncDisposable
{
    private const string Log = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";

    private readonly DialerInstallation _dialer;
    private readonly NpgsqlDataSource _database;
    private readonly HttpClient _http = new();
    private (long Calls, DateTimeOffset At, long Wal, Cpu Cpu) _from;

    private SoakWatch(DialerInstallation dialer)
    {
        _dialer = dialer;
        _database = NpgsqlDataSource.Create(dialer.Database);
    }

    public static async Task<SoakWatch> StartAsync(CampaignInstallation installation, CancellationToken cancellationToken)
    {
        var watch = new SoakWatch(installation.Dialer);
        await watch.BeginAsync(cancellationToken);
        return watch;
    }

    /// <summary>Calling begins now.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken) => _from = (
        await AttemptsAsync(cancellationToken), TimeProvider.System.GetUtcNow(), await NumberAsync(Log, cancellationToken), Cpu.Now(_dialer));

    /// <summary>Attempts that have ended.</summary>
    public Task<long> AttemptsAsync(CancellationToken cancellationToken) => NumberAsync("select coalesce(sum(attempts), 0) from campaign_count", cancellationToken);

    /// <summary>What calling has taken until now.</summary>
    public (TimeSpan Time, Cpu Cpu) Spent() => (TimeProvider.System.GetUtcNow() - _from.At, Cpu.Now(_dialer) - _from.Cpu);

    public async Task<SoakSample> LookAsync((TimeSpan Time, Cpu Cpu) spent, CancellationToken cancellationToken)
    {
        var calls = await AttemptsAsync(cancellationToken);
        var since = (double)(calls - _from.Calls);
        var wal = await NumberAsync(Log, cancellationToken) - _from.Wal;
        await FullCollection.RunAsync(_dialer.Silo, cancellationToken);
        // The exporter keeps a timer for each series from when it is first read (76 of them): those of the first look are none of the calls'.
        await _http.GetStringAsync(Metrics, cancellationToken);
        var figures = new Exposition(await _http.GetStringAsync(Metrics, cancellationToken));
        var (sockets, others) = ProcessFigures.Descriptors(_dialer.Silo);
        return new SoakSample(
            calls, since / spent.Time.TotalSeconds, ProcessFigures.MemoryMb(_dialer.Silo),
            Of("system_runtime_dotnet_gc_last_collection_heap_size") / (1 << 20),
            await NumberAsync("select count(*) from attempt where ended_at is null", cancellationToken),
            Of("dialer_trunk_lines_in_use"), Of("system_runtime_dotnet_timer_count"),
            Of("microsoft_orleans_orleans_catalog_activations"), sockets, others,
            await NumberAsync("select pg_total_relation_size('attempt') / greatest(count(*), 1) from attempt", cancellationToken),
            await NumberAsync("select pg_total_relation_size('contact') / greatest(count(*), 1) from contact", cancellationToken),
            await TableBloat.OfAsync(_database, "attempt", cancellationToken), await TableBloat.OfAsync(_database, "contact", cancellationToken),
            await NumberAsync("select sum(n_dead_tup) from pg_stat_user_tables", cancellationToken),
            wal / since, spent.Cpu.Silo.TotalMilliseconds / since, spent.Cpu.Postgres.TotalMilliseconds / since);

        double Of(string metric) => figures.Sum(metric) ?? throw new InvalidOperationException($"The silo shows no metric «{metric}».");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _database.DisposeAsync();
    }

    private Uri Metrics => new(_dialer.SiloUrls[0], "/metrics");

    private async Task<long> NumberAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>CPU time.</summary>
    internal sealed record Cpu(TimeSpan Silo, TimeSpan Postgres)
    {
        public static Cpu operator -(Cpu a, Cpu b) => new(a.Silo - b.Silo, a.Postgres - b.Postgres);

        public static Cpu Now(DialerInstallation of) => new(ProcessFigures.Cpu(of.Silo), ProcessFigures.Cpu(of.Postgres));
    }
}
