using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dialer.Chaos.Audit;
using Dialer.Chaos.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Chaos.Damage;

/// <summary>Does something bad to a cluster, and comes back when whatever it broke has been put right.</summary>
internal delegate Task<Strike> Blow(Cluster cluster, Random random);

/// <summary>The kinds of damage.</summary>
internal static class Damages
{
    private static readonly TimeSpan Noticing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterOpening = TimeSpan.FromSeconds(5);
    private static readonly HashSet<string> s_nobody = [];

    /// <summary>A silo dies at once; its init system starts it again.</summary>
    public static async Task<Strike> KillSiloAsync(Cluster cluster, Random random)
    {
        var silo = cluster.SiloParts[random.Next(cluster.SiloParts.Count)];
        var from = Now;
        var again = silo.IsStartedAgainAsync();
        await silo.SignalAsync("KILL");
        await again;
        await cluster.NodesAreConnectedAsync();
        return new Strike($"{silo.Name} killed", from, Now, NobodyCanDial: false, s_nobody) { SocketGap = true };
    }

    /// <summary>A silo stands still and goes on as if nothing had been.</summary>
    public static Blow FreezeSilo(params int[] seconds)
    {
        var lengths = new Deck<int>(seconds);
        return async (cluster, random) =>
        {
            var silo = cluster.SiloParts[random.Next(cluster.SiloParts.Count)];
            var length = lengths.Deal(random);
            var from = Now;
            // This process, not its successor, is the one that wakes.
            var process = silo.ProcessId ?? throw new InvalidOperationException($"{silo.Name} is not running.");
            await Part.SignalAsync("STOP", process);
            await Task.Delay(TimeSpan.FromSeconds(length));
            await Part.SignalAsync("CONT", process);
            await cluster.NodesAreConnectedAsync();
            return new Strike($"{silo.Name} frozen for {length} s", from, Now, NobodyCanDial: false, s_nobody) { SocketGap = true };
        };
    }

    /// <summary>An Asterisk dies with its calls. The network notices, as a carrier does that hears no more sound.</summary>
    public static async Task<Strike> KillNodeAsync(Cluster cluster, Random random)
    {
        var index = random.Next(cluster.AsteriskNodes.Count);
        var node = cluster.AsteriskNodes[index];
        var from = Now;
        await node.KillAsync();
        var cut = await HangUpCallsOfAsync(cluster.Network, node.SipPort);
        await Task.Delay(TimeSpan.FromSeconds(random.Next(1, 5)));
        // Whose INVITE was on its way when the node died is called afterwards.
        cut = cut.Union(await HangUpCallsOfAsync(cluster.Network, node.SipPort)).ToHashSet(StringComparer.Ordinal);
        await node.ResumeAsync();
        var again = Now;
        await cluster.NodesAreConnectedAsync();
        return new Strike($"node pbx-{index + 1} killed with {cut.Count} calls", from, Now, NobodyCanDial: false, cut) { SocketGap = true, NodeAgainAt = again };
    }

    /// <summary>The event socket of a node breaks.</summary>
    public static async Task<Strike> CutSocketAsync(Cluster cluster, Random random)
    {
        var index = random.Next(cluster.AsteriskNodes.Count);
        var from = Now;
        var broken = cluster.NodeNetwork is { } network
            ? network.CutConnections(index, [.. cluster.SiloParts.Select(silo => silo.ProcessId).OfType<int>()])
            : cluster.Lines[index].Cut();
        if (broken == 0)
            throw new InvalidOperationException($"No silo's connection to pbx-{index + 1} could be cut.");
        // Who asks at once is told of the socket before.
        await Task.Delay(Noticing);
        await cluster.NodesAreConnectedAsync();
        return new Strike($"socket of pbx-{index + 1} cut", from, Now, NobodyCanDial: false, s_nobody) { SocketGap = true };
    }

    /// <summary>Between silos and a node nothing passes for a while, and nobody is told.</summary>
    public static Blow SilenceLine(int seconds) => async (cluster, random) =>
    {
        var index = random.Next(cluster.AsteriskNodes.Count);
        var from = Now;
        if (cluster.NodeNetwork is { } network)
        {
            network.PullCable(index);
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            network.PlugIn(index);
        }
        else
        {
            cluster.Lines[index].FallSilent();
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            cluster.Lines[index].Speak();
        }

        await cluster.NodesAreConnectedAsync();
        return new Strike($"line to pbx-{index + 1} silent for {seconds} s", from, Now, NobodyCanDial: false, s_nobody) { SocketGap = true };
    };

    /// <summary>PostgreSQL dies at once, every process of it.</summary>
    public static async Task<Strike> KillDatabaseAsync(Cluster cluster, Random random)
    {
        var from = Now;
        await cluster.Postgres.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(random.Next(0, 4)));
        await cluster.Postgres.StartAsync();
        return await DatabaseIsBackAsync(cluster, "PostgreSQL killed", from);
    }

    /// <summary>PostgreSQL is shut down and started.</summary>
    public static async Task<Strike> RestartDatabaseAsync(Cluster cluster, Random random)
    {
        var from = Now;
        await cluster.Postgres.StopAsync();
        await cluster.Postgres.StartAsync();
        return await DatabaseIsBackAsync(cluster, "PostgreSQL restarted", from);
    }

    /// <summary>PostgreSQL stands still with all connections open.</summary>
    public static Blow FreezeDatabase(int seconds) => async (cluster, _) =>
    {
        var from = Now;
        await cluster.Postgres.FreezeAsync();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await cluster.Postgres.ThawAsync();
        return await DatabaseIsBackAsync(cluster, $"PostgreSQL frozen for {seconds} s", from);
    };

    /// <summary>Every connection of the dialer to PostgreSQL is ended.</summary>
    public static async Task<Strike> CutConnectionsAsync(Cluster cluster, Random random)
    {
        var from = Now;
        await cluster.Postgres.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'dialer'");
        await cluster.NodesAreConnectedAsync();
        return new Strike("connections to PostgreSQL ended", from, Now, NobodyCanDial: false, s_nobody);
    }

    /// <summary>PostgreSQL's disk is full; whoever looks after it makes room, and starts it if it has given up.</summary>
    public static Blow FillDisk(params int[] seconds)
    {
        var lengths = new Deck<int>(seconds);
        return async (cluster, random) =>
        {
            var disk = cluster.Disk!;
            var length = lengths.Deal(random);
            var from = Now;
            for (; Now - from < TimeSpan.FromSeconds(length); await Task.Delay(TimeSpan.FromSeconds(1)))
            {
                disk.Fill();
                // The file of the log that was made before is not what it finds room in.
                await cluster.Postgres.TryExecuteAsync("select pg_switch_wal()");
            }

            disk.Empty();
            var gaveUp = !await GoesOnAsync(cluster.Postgres);
            if (gaveUp)
                await cluster.Postgres.StartAsync();
            return await DatabaseIsBackAsync(cluster, $"PostgreSQL's disk full for {length} s{(gaveUp ? ", which ended it" : "")}", from);
        };
    }

    // It may still be about to give up when there is room again.
    private static async Task<bool> GoesOnAsync(PostgresServer postgres)
    {
        try
        {
            await postgres.AnswersAsync();
            return true;
        }
        catch (InvalidOperationException) when (!postgres.IsRunning)
        {
            return false;
        }
    }

    /// <summary>
    /// The clock that a silo sees, or that both see, is set an hour ahead or back, and some time later put right. While the campaign's hours
    /// close and open again it is both silos' clocks.
    /// </summary>
    public static Blow StepClocks()
    {
        var steps = new Deck<(int[] Silos, int Hours)>(([0], 1), ([0], -1), ([1], 1), ([1], -1), ([0, 1], 1), ([0, 1], -1));
        return async (cluster, random) =>
        {
            var opensAt = cluster.Hours.Closed is { } closed && Now < closed.To ? closed.To : (DateTimeOffset?)null;
            var (silos, hours) = steps.Deal(random, step => opensAt is null || step.Silos.Length == Cluster.Silos);
            var from = Now;
            await SetClocksAsync(cluster, silos, TimeSpan.FromHours(hours));
            var wrongFrom = Now;
            await Task.Delay(TimeSpan.FromSeconds(random.Next(8, 15)));
            if (opensAt + AfterOpening - Now is { } left && left > TimeSpan.Zero)
                await Task.Delay(left);
            var wrongTo = Now;
            await SetClocksAsync(cluster, silos, TimeSpan.Zero);
            await cluster.NodesAreConnectedAsync();
            return new Strike(
                string.Create(CultureInfo.InvariantCulture, $"clock of {(silos.Length == Cluster.Silos ? "both silos" : $"silo-{silos[0] + 1}")} set by {hours:+0;-0} h and back{(opensAt is null ? "" : ", across the closed hours")}"),
                from, Now, NobodyCanDial: false, s_nobody)
            {
                ClocksWrong = silos.Length == Cluster.Silos ? (wrongFrom, wrongTo) : null,
            };
        };
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static Task SetClocksAsync(Cluster cluster, int[] silos, TimeSpan ahead)
    {
        foreach (var silo in silos)
            cluster.Clocks[silo].Set(ahead);
        return Task.WhenAll(silos.Select(silo => cluster.SeesTimeAsync(silo, ahead)));
    }

    private static async Task<Strike> DatabaseIsBackAsync(Cluster cluster, string what, DateTimeOffset from)
    {
        var back = Now;
        await cluster.NodesAreConnectedAsync();
        return new Strike(what, from, back, NobodyCanDial: true, s_nobody);
    }

    private static async Task<IReadOnlySet<string>> HangUpCallsOfAsync(AsteriskInstance network, int sipPort)
    {
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var channel in (await network.Http.GetFromJsonAsync<JsonArray>("channels"))!)
        {
            var id = (string)channel!["id"]!;
            using var answer = await network.Http.GetAsync(new Uri($"channels/{id}/variable?variable=CHANNEL(pjsip,remote_addr)", UriKind.Relative));
            // One that ended meanwhile.
            if (!answer.IsSuccessStatusCode || (await answer.Content.ReadFromJsonAsync<JsonNode>())?["value"] is not { } address
                || !((string)address!).EndsWith(string.Create(CultureInfo.InvariantCulture, $":{sipPort}"), StringComparison.Ordinal))
                continue;
            numbers.Add((string)channel["dialplan"]!["exten"]!);
            (await network.Http.DeleteAsync(new Uri($"channels/{id}", UriKind.Relative))).Dispose();
        }

        return numbers;
    }
}
