using System.Globalization;
using System.Text;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

/// <summary>A database with one campaign, and what tests of lists ask of it.</summary>
public sealed class ListFixture : IAsyncDisposable
{
    private readonly TimeProvider _clock;

    private ListFixture(NpgsqlDataSource database, TimeProvider clock)
    {
        (Database, _clock) = (database, clock);
        Importer = new ListImporter(database, clock, NullLogger<ListImporter>.Instance);
        Queries = new ListQueries(database, clock);
        Settlement = new ListSettlement(database);
    }

    public NpgsqlDataSource Database { get; }

    /// <summary>The same, for whoever connects in a way of its own.</summary>
    public string ConnectionString { get; private init; } = "";

    public ListImporter Importer { get; }

    public ListQueries Queries { get; }

    public ListSettlement Settlement { get; }

    public int Campaign { get; private set; }

    /// <summary>The campaign's id; its tenant is «example».</summary>
    public string Id { get; private init; } = "debts";

    public IReadOnlyDictionary<string, SpokenVariable> Spoken { get; set; } = new Dictionary<string, SpokenVariable> { ["BALANCE"] = SpokenVariable.Money };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ListFixture> CreateAsync(PrivatePostgres postgres, TimeProvider? clock = null)
    {
        var connection = await postgres.CreateDatabaseAsync();
        var fixture = new ListFixture(NpgsqlDataSource.Create(connection), clock ?? TimeProvider.System) { ConnectionString = connection };
        return await fixture.BeginAsync();
    }

    /// <summary>Another campaign in the same database, which ends with this one's.</summary>
    public Task<ListFixture> BesideAsync(string campaign) => new ListFixture(Database, _clock) { Id = campaign }.BeginAsync();

    public Task<(long Id, ListImportResult Result)> ImportAsync(string csv, ListMode mode = ListMode.Replace) =>
        ImportAsync(Encoding.UTF8.GetBytes(csv), mode);

    public async Task<(long Id, ListImportResult Result)> ImportAsync(byte[] file, ListMode mode = ListMode.Replace)
    {
        using var body = new MemoryStream(file);
        return await ImportAsync(body, mode);
    }

    public async Task<(long Id, ListImportResult Result)> ImportAsync(Stream body, ListMode mode = ListMode.Replace, CancellationToken? token = null)
    {
        var id = await Queries.BeginAsync(Campaign, mode, "list.csv", Ct);
        return (id, await Importer.ImportAsync(Request(id, mode), body, token ?? Ct));
    }

    public ListImportRequest Request(long id, ListMode mode = ListMode.Replace) =>
        new("example", Id, Campaign, id, mode, CultureInfo.GetCultureInfo("ru-RU"), Spoken);

    /// <summary>The problems of a list, one line each.</summary>
    public async Task<string> ProblemsAsync(long list) =>
        string.Join('\n', (await Queries.FindAsync(Campaign, list, 100, Ct))!.Problems.Select(p => $"{p.Line} {p.Column} {p.Severity}: {p.Reason} [{p.Found}]"));

    /// <summary>What is called, one line each: name, numbers, variables, state.</summary>
    public Task<string> ContactsAsync(string where = "state <> 4") =>
        AskAsync<string>(
            $"select coalesce(string_agg(name || ' ' || array_to_string(numbers, ';') || ' ' || variables || ' ' || state, E'\\n' order by name, id), '') from contact where {where}");

    /// <summary>The counters of the campaign: waiting, calling, done, failed, withdrawn.</summary>
    public Task<string> CountersAsync() =>
        AskAsync<string>("select concat_ws(' ', sum(waiting), sum(calling), sum(done), sum(failed), sum(withdrawn)) from campaign_count");

    /// <summary>The same, counted from the rows.</summary>
    public Task<string> CountedAsync() =>
        AskAsync<string>(
            """
            select concat_ws(' ',
                count(*) filter (where state = 0 or state = 1 and not calling), count(*) filter (where state = 1 and calling),
                count(*) filter (where state = 2), count(*) filter (where state = 3), count(*) filter (where state = 4))
            from (select c.state, exists (select from attempt a where a.contact = c.id and a.ended_at is null) as calling from contact c) x
            """);

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Ct))!;
    }

    public async Task RunAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    private async Task<ListFixture> BeginAsync()
    {
        Campaign = await AskAsync<int>($"insert into campaign (tenant, id) values ('example', '{Id}') returning no");
        return this;
    }
}
