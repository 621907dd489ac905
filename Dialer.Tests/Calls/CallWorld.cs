using Dialer.Grains.Calls;
using Dialer.Grains.Nodes;
using Dialer.Grains.Speech;
using Dialer.Silo.Hosting;
using Dialer.Storage.Database;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Orleans.Configuration;
using Orleans.Serialization.Invocation;
using Orleans.TestingHost;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>
/// Two silos with the real services, a real database, a scripted Asterisk, and one clock for all of them that only the test moves.
/// (Orleans itself stays on the system's clock.) It is Tuesday, 10 March 2026, 10:00 in Moscow.
/// </summary>
public sealed partial class CallWorld : IAsyncDisposable
{
    public const string Node = "example-node";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    // Of it alone all silos' pulses know: the test's own clock goes in steps that may be longer than a sleep.
    private readonly Sleeper _pulse = new();
    private volatile bool _isMember = true;
    private readonly string _folder = Directory.CreateTempSubdirectory("dialer-calls-").FullName;
    private readonly string _connection;

    private CallWorld(string connection, FakeTimeProvider clock, IReadOnlyList<FakeAsterisk> asterisks)
    {
        (_connection, Clock, Asterisks) = (connection, clock, asterisks);
        Database = NpgsqlDataSource.Create(connection);
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((options, silo) => Configure(options.SiloName, silo));
        Cluster = builder.Build();
    }

    public FakeTimeProvider Clock { get; }

    /// <summary>The node, or the first of several.</summary>
    public FakeAsterisk Asterisk => Asterisks[0];

    public IReadOnlyList<FakeAsterisk> Asterisks { get; }

    public NpgsqlDataSource Database { get; }

    public ToneEngine Speech { get; } = new();

    public InProcessTestCluster Cluster { get; }

    public IGrainFactory Grains => Cluster.Client;

    /// <summary>Called around every grain call of the dialer in every silo, to lose answers.</summary>
    public Func<IIncomingGrainCallContext, Task> Around { get; set; } = call => call.Invoke();

    /// <summary>Whether a grain call tells a call of such an event.</summary>
    public static bool Tells(IIncomingGrainCallContext call, Func<CallEvent, bool> of) => call.InterfaceMethod.Name == nameof(ICallGrain.Happened)
        && call.Request.GetArgument(0) is IReadOnlyList<CallEvent> events && events.Any(of);

    /// <summary>Whether a grain call tells a call how it stood at another look at its node than the one of that moment.</summary>
    public static bool IsOtherLook(IIncomingGrainCallContext call, DateTimeOffset? look) => look is not null
        && call.InterfaceMethod.Name == nameof(ICallGrain.Reconcile) && (DateTimeOffset)call.Request.GetArgument(2)! != look;

    /// <summary>In place of a grain call: it never comes to its grain, and is answered so.</summary>
    public static Task AnswerInstead<T>(IIncomingGrainCallContext call, T answer)
    {
        call.Response = Response.FromResult(answer);
        return Task.CompletedTask;
    }

    /// <summary>The same of one that has no result: whoever made it believes it done.</summary>
    public static Task Swallow(IIncomingGrainCallContext call)
    {
        call.Response = Response.Completed;
        return Task.CompletedTask;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The id of a node, from 0.</summary>
    public static string NodeId(int index) => index == 0 ? Node : $"{Node}-{index + 1}";

    public static async Task<CallWorld> CreateAsync(PrivatePostgres postgres, int nodes = 1)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 10, 7, 0, 0, TimeSpan.Zero));
        var asterisks = await Task.WhenAll(Enumerable.Range(0, nodes).Select(_ => FakeAsterisk.CreateAsync(clock)));
        // Its clock does not wait for the disk: a commit that takes a tenth of a second would be two seconds of it.
        var world = new CallWorld(await postgres.CreateDatabaseAsync() + ";Options=-c synchronous_commit=off", clock, asterisks);
        await world.Cluster.DeployAsync();
        await world.NodesAreReadyAsync();
        return world;
    }

    /// <summary>Lets time pass until every silo knows that the node is ready.</summary>
    public Task NodesAreReadyAsync() => PassUntilAsync(
        () => Cluster.Silos.All(silo => silo.ServiceProvider.GetRequiredService<AsteriskNodes>().Known.All(n => n.Connected)), "nodes that are ready");

    /// <summary>Lets time pass in small steps until something is so.</summary>
    public async Task PassUntilAsync(Func<Task<bool>> met, string what)
    {
        using var pace = new PeriodicTimer(Pace);
        var (deadline, began) = (TimeProvider.System.GetUtcNow() + Patience, Clock.GetUtcNow());
        while (!await met())
        {
            if (TimeProvider.System.GetUtcNow() > deadline)
            {
                throw new TimeoutException(
                    $"In {Clock.GetUtcNow() - began} of the test's time there was not: {what}. Attempts: {await AskAsync<string>(Describe)}. "
                    + $"Last requests: {string.Join(", ", Asterisk.Requests.TakeLast(12))}.");
            }

            Clock.Advance(Step);
            var keepUp = SilosKeepUpAsync();
            await pace.WaitForNextTickAsync(Ct);
            await keepUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc cref="PassUntilAsync(Func{Task{bool}}, string)"/>
    public Task PassUntilAsync(Func<bool> met, string what) => PassUntilAsync(() => Task.FromResult(met()), what);

    /// <summary>The same, and no later than after this much of the clock's time.</summary>
    public async Task PassUntilAsync(Func<bool> met, string what, TimeSpan within)
    {
        var end = Clock.GetUtcNow() + within;
        await PassUntilAsync(() => met() || Clock.GetUtcNow() >= end, what);
        Assert.True(met(), $"There was not {what} within {within}.");
    }

    /// <summary>All silos wake from a sleep in which they were declared dead, and have not heard it yet.</summary>
    public void SilosHaveSlept()
    {
        _isMember = false;
        _pulse.Sleep(TimeSpan.FromSeconds(5));
    }

    /// <summary>Lets some time pass in small steps.</summary>
    public Task PassAsync(TimeSpan time)
    {
        var end = Clock.GetUtcNow() + time;
        return PassUntilAsync(() => Clock.GetUtcNow() >= end, $"an end of {time}");
    }

    /// <summary>No silo can write or find a clip from now on: where their folders were are files.</summary>
    public void BreakMediaFolders()
    {
        foreach (var silo in Cluster.Silos)
        {
            // Makes its folder when it is first needed.
            silo.ServiceProvider.GetRequiredService<MediaLibrary>();
            var media = Path.Combine(_folder, silo.Name);
            Directory.Delete(media, recursive: true);
            File.WriteAllText(media, "no folder");
        }
    }

    /// <summary>Waits until a grain is awake nowhere.</summary>
    public Task IsGoneAsync(IAddressable grain) => SeeAsync(
        async () => (await Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics()).All(awake => awake.GrainId != grain.GetGrainId()),
        $"an end of {grain.GetGrainId()}");

    /// <summary>Waits without moving the clock.</summary>
    public static Task SeeAsync(Func<Task<bool>> met, string what) =>
        Eventually.SeeAsync(async () => await met() ? "met" : null, what, Patience);

    /// <inheritdoc cref="SeeAsync(Func{Task{bool}}, string)"/>
    public static Task SeeAsync(Func<bool> met, string what) => SeeAsync(() => Task.FromResult(met()), what);

    public async ValueTask DisposeAsync()
    {
        // Of a silo that ends, another takes the nodes over, for which time has to pass.
        var ending = Cluster.DisposeAsync().AsTask();
        while (!ending.IsCompleted)
        {
            Clock.Advance(Step);
            await Task.Delay(Pace);
        }

        await ending;
        foreach (var asterisk in Asterisks)
            await asterisk.DisposeAsync();
        await Database.DisposeAsync();
        // Orleans' storage connects without a data source of its own.
        await using (var any = new NpgsqlConnection(_connection))
            NpgsqlConnection.ClearPool(any);
        Directory.Delete(_folder, recursive: true);
    }

    private const string Describe = """
        select coalesce(string_agg(concat_ws(' ', number, started_at, answered_at, ended_at, 'verdict', verdict, 'step', step), '; ' order by id), 'none')
        from attempt
        """;

    private void Configure(string name, ISiloBuilder silo)
    {
        var settings = new SiloSettings
        {
            Database = _connection,
            Nodes = [.. Asterisks.Select((asterisk, index) => new NodeSettings
            {
                Id = NodeId(index), AriUrl = asterisk.BaseUri, User = FakeAsterisk.User, Password = FakeAsterisk.Password,
            })],
            Media = new MediaOptions { Folder = Path.Combine(_folder, name) },
            Speech = new SpeechOptions(),
        };
        silo.Services.AddLogging(logging => logging.ClearProviders());
        silo.Services.AddDialerDatabase(_connection, options => options.MaxPoolSize = 20);
        silo.Services.AddDialerGrains(settings);
        silo.Services.AddDialerWatchdogs();
        silo.Services.AddSingleton<TimeProvider>(Clock).AddSingleton<ISpeechEngine>(Speech);
        silo.Services.AddSingleton(provider => new SiloPulse(
            _ => Task.FromResult(_isMember), _pulse, provider.GetRequiredService<ILogger<SiloPulse>>()));
        silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        silo.AddAdoNetGrainStorageAsDefault(options => (options.Invariant, options.ConnectionString) = ("Npgsql", _connection));
        // The other reminder service waits for 30 s where its first read meets a cluster that still forms.
        silo.UseInMemoryReminderService();
        silo.AddActivityPropagation();
        silo.AddIncomingGrainCallFilter(call => call.Grain is EchoGrain ? call.Invoke() : Around(call));
        // A cache for a million grains takes 19 MB of each of some hundred silos, before it knows any.
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 1000);
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(20));
    }
}
