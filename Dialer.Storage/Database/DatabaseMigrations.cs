using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Transactions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>
/// Brings the schema up to date: applies the embedded <c>Migrations/*.sql</c> in the order of their names, each in one
/// transaction together with its row in the journal <c>schema_version</c>. Forward only.
/// </summary>
public static class DatabaseMigrations
{
    /// <summary>Any number that nothing else locks: «dialer» on a telephone's keys.</summary>
    private const long AdvisoryLock = 342537;

    private const string Folder = ".Migrations.";

    /// <summary>
    /// Waits for the database, then applies what it lacks. Several processes may call this at once: an advisory lock
    /// lets one work, and the others find nothing left to do.
    /// </summary>
    /// <param name="dataSource">Where to; its user must be allowed to create tables.</param>
    /// <param name="clock">Clock for the pauses between attempts to connect; null is the system's.</param>
    /// <param name="logger">Told what is waited for and what is applied.</param>
    /// <param name="cancellationToken">Ends the waiting; a script that has begun is finished first.</param>
    /// <exception cref="DatabaseMigrationException">A script failed. It left nothing behind; those before it stay.</exception>
    /// <exception cref="PostgresException">The server refuses us for good (password, missing database).</exception>
    public static Task ApplyAsync(NpgsqlDataSource dataSource, TimeProvider? clock, ILogger logger, CancellationToken cancellationToken) =>
        ApplyAsync(dataSource, EmbeddedScripts(typeof(DatabaseMigrations).Assembly), clock, logger, cancellationToken);

    /// <summary>The same for a connection string; the connections are closed again at the end.</summary>
    /// <inheritdoc cref="ApplyAsync(NpgsqlDataSource, TimeProvider?, ILogger, CancellationToken)"/>
    public static async Task ApplyAsync(string connectionString, TimeProvider? clock, ILogger logger, CancellationToken cancellationToken)
    {
        await using var dataSource = DatabaseRegistration.CreateDataSource(new DatabaseOptions { ConnectionString = connectionString });
        await ApplyAsync(dataSource, clock, logger, cancellationToken);
    }

    /// <summary>The same with scripts of the caller's (name → SQL), for trying a migration before it is shipped.</summary>
    /// <inheritdoc cref="ApplyAsync(NpgsqlDataSource, TimeProvider?, ILogger, CancellationToken)"/>
    public static async Task ApplyAsync(
        NpgsqlDataSource dataSource,
        IReadOnlyDictionary<string, string> scripts,
        TimeProvider? clock,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        // The lock belongs to this connection's session: when the process dies, the server frees it.
        await using var guard = await DatabaseStart.WaitAsync(dataSource, clock ?? TimeProvider.System, logger, cancellationToken);
        await using (var take = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock})", guard) { CommandTimeout = 0 })
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        try
        {
            // DbUp is synchronous.
            var result = await Task.Run(() => Run(dataSource, scripts, logger), CancellationToken.None);
            if (!result.Successful)
            {
                throw new DatabaseMigrationException(result.ErrorScript?.Name, result.Error);
            }
        }
        finally
        {
            // A pooled connection keeps its session, and with it the lock, so closing it is not enough.
            await using var free = new NpgsqlCommand($"SELECT pg_advisory_unlock({AdvisoryLock})", guard);
            await free.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static DatabaseUpgradeResult Run(NpgsqlDataSource dataSource, IReadOnlyDictionary<string, string> scripts, ILogger logger)
    {
        var engine = DeployChanges.To
            .PostgresqlDatabase(new DataSourceConnections(dataSource))
            .WithScripts(scripts.OrderBy(script => script.Key, StringComparer.Ordinal).Select(script => new SqlScript(script.Key, script.Value)))
            .WithScriptNameComparer(StringComparer.Ordinal)
            .JournalToPostgresqlTable(null, "schema_version")
            .WithTransactionPerScript()
            // Its variables look like $name$, which is how our scripts quote the text of a statement.
            .WithVariablesDisabled()
            .WithExecutionTimeout(TimeSpan.FromHours(1))
            .LogTo(new DbUpLog(logger))
            .Build();
        return engine.PerformUpgrade();
    }

    private static Dictionary<string, string> EmbeddedScripts(Assembly assembly)
    {
        var scripts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.Contains(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            scripts[resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..]] = reader.ReadToEnd();
        }

        return scripts;
    }

    /// <summary>Connections from our data source, and scripts sent whole: Npgsql splits them and knows every quoting.</summary>
    private sealed class DataSourceConnections(NpgsqlDataSource dataSource)
        : DatabaseConnectionManager(_ => dataSource.CreateConnection())
    {
        public override IEnumerable<string> SplitScriptIntoCommands(string scriptContents) => [scriptContents];
    }
}
