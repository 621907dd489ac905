using System.Globalization;
using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PrivatePostgres))]

namespace Dialer.Tests.Infrastructure;

/// <summary>
/// One real PostgreSQL for the whole test run, started by the first test that asks for a database and ended with the
/// run. It listens on 127.0.0.1 only and lives in <c>DIALER_SCRATCH</c> or <c>.dialer/test</c> of the checkout.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>How many statements wait for a lock, in the database that is asked: all share one server, and what waits in another one is another test's.</summary>
    public const string CountWaiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

    private const string Template = "dialer_template";

    // Each test has pools of its own: silos' are disposed of with them, those of Orleans' providers are the process's and stay. What is
    // idle in one goes after seconds instead of five minutes, in which a hundred tests begin.
    private const string LeaveSoon = ";Connection Idle Lifetime=5;Connection Pruning Interval=2";

    // Two worlds, a dialer and some stores at once, each silo with up to 20 connections and Orleans' own: 200 were too few.
    private const string MostConnections = "max_connections=500";

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private PostgresServer? _server;
    private int _databases;

    /// <summary>A fresh database of the caller's own: migrated (a copy of a template, about 50 ms), or empty.</summary>
    public async Task<string> CreateDatabaseAsync(bool migrate = true)
    {
        // CREATE DATABASE refuses a template that anyone is connected to, so copies are made one by one.
        await _oneAtATime.WaitAsync();
        try
        {
            var server = _server ??= await StartWithTemplateAsync();
            var name = string.Create(CultureInfo.InvariantCulture, $"test_{++_databases}");
            await server.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {(migrate ? Template : "template0")}");
            return server.ConnectionString(name) + LeaveSoon;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>A server of the caller's own, with an empty database «dialer», to stop, freeze and start again.</summary>
    public static Task<PostgresServer> StartDedicatedAsync() => PostgresServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _oneAtATime.Dispose();
    }

    private static async Task<PostgresServer> StartWithTemplateAsync()
    {
        var server = await PostgresServer.StartNewAsync(PostgresServer.NewFolder(), MostConnections);
        try
        {
            await server.ExecuteAsync($"CREATE DATABASE {Template}");
            // Unpooled, because a pooled connection would stay and keep the template from being copied.
            await DatabaseMigrations.ApplyAsync(
                server.ConnectionString(Template) + ";Pooling=false", null, NullLogger.Instance, CancellationToken.None);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
