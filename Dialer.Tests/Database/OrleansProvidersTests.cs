using System.Net;
using System.Net.Sockets;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;
using Xunit;

namespace Dialer.Tests.Database;

/// <summary>The schema under Orleans' own ADO.NET providers: two silos that share nothing but the database.</summary>
public sealed class OrleansProvidersTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<IHost> _silos = [];
    private NpgsqlDataSource _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await StartSiloAsync("one");
        await StartSiloAsync("two");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.StopAsync(CancellationToken.None);
            silo.Dispose();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_state_outlives_its_activation_and_is_seen_from_the_other_silo()
    {
        var grain = Grain(0, "kept");
        await grain.Write("first");
        await grain.Write("second");
        var before = await grain.Activation();
        await grain.Forget();

        var again = Grain(1, "kept");
        Assert.Equal("second", await again.Read());
        Assert.NotEqual(before, await again.Activation());
        Assert.Equal(2L, await ScalarAsync("SELECT version::bigint FROM orleans_storage"));
    }

    [Fact]
    public async Task A_write_over_a_state_that_changed_behind_the_grain_is_refused()
    {
        var grain = Grain(0, "fenced");
        await grain.Write("mine");
        await ScalarAsync("UPDATE orleans_storage SET version = version + 1 RETURNING version::bigint");
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Write("lost"));
        Assert.Equal("mine", await grain.Read());
        await grain.Write("after reading again");
    }

    [Fact]
    public async Task A_write_over_a_state_that_vanished_behind_the_grain_is_refused()
    {
        var grain = Grain(0, "vanished");
        await grain.Write("mine");
        await ScalarAsync("DELETE FROM orleans_storage RETURNING version::bigint");
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Write("lost"));
        Assert.Null(await grain.Read());
    }

    [Fact]
    public async Task A_cleared_state_reads_as_new_and_can_be_written_again()
    {
        var grain = Grain(0, "cleared");
        await grain.Write("gone");
        await grain.Clear();
        Assert.Null(await grain.Read());
        await grain.Write("again");
        await grain.Forget();
        Assert.Equal("again", await grain.Read());
    }

    [Fact]
    public async Task A_reminder_is_registered_found_and_withdrawn()
    {
        var grain = Grain(0, "reminded");
        await grain.Remind("watch");
        await grain.Remind("watch");
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM orleans_reminder WHERE reminder_name = 'watch'"));
        var table = _silos[1].Services.GetRequiredService<IReminderTable>();
        Assert.Single((await table.ReadRows(0, 0, Ct)).Reminders);
        var hash = grain.GetGrainId().GetUniformHashCode();
        Assert.Single((await table.ReadRows(hash - 1, hash, Ct)).Reminders);
        Assert.Empty((await table.ReadRows(hash, hash - 1, Ct)).Reminders);

        Assert.True(await grain.StopReminding("watch"));
        Assert.False(await grain.StopReminding("watch"));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM orleans_reminder"));
    }

    [Fact]
    public async Task Silos_join_and_one_that_stops_is_marked_dead_and_can_be_cleaned_up()
    {
        Assert.Equal(2L, await ScalarAsync("SELECT count(*) FROM orleans_membership WHERE status = 3"));
        await _silos[1].StopAsync(Ct);
        Assert.Equal("two", await ScalarAsync("SELECT silo_name FROM orleans_membership WHERE status = 6"));

        var table = _silos[0].Services.GetRequiredService<IMembershipTable>();
        await table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddMinutes(1), Ct);
        Assert.Equal("one", await ScalarAsync("SELECT silo_name FROM orleans_membership"));
    }

    private IStoredTextGrain Grain(int silo, string key) =>
        _silos[silo].Services.GetRequiredService<IGrainFactory>().GetGrain<IStoredTextGrain>(key);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Ct);
    }

    private async Task StartSiloAsync(string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .Configure<SiloOptions>(options => options.SiloName = name)
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", "test"))
            .ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort())
            .UseAdoNetClustering(options => (options.Invariant, options.DataSource) = ("Npgsql", _database))
            .AddAdoNetGrainStorageAsDefault(options => (options.Invariant, options.DataSource) = ("Npgsql", _database))
            .UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = ("Npgsql", _database)));
        var host = builder.Build();
        _silos.Add(host);
        await host.StartAsync(Ct).WaitAsync(Patience, Ct);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
