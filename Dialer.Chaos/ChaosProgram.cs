using Dialer.Chaos.Damage;
using Dialer.Chaos.Installation;
using static Dialer.Chaos.Damage.Damages;

namespace Dialer.Chaos;

/// <summary>A kind of damage in earnest and in short.</summary>
/// <param name="Damages">Each of them once in an order by chance, and then again in another; a short run takes its own in turn.</param>
/// <param name="Strikes">How often.</param>
/// <param name="ShortStrikes">How often in a short run.</param>
/// <param name="LongestPause">
/// What dialling may pause at most, not counting the time in which nobody could have dialled; and how long at most a call that is up may wait for
/// somebody to go on with it, not counting the damage itself.
/// </param>
internal sealed record ChaosProgram(
    Blow[] Damages, Blow[] ShortDamages, int Strikes, int ShortStrikes, TimeSpan LongestPause)
{
    /// <summary>A long run goes on for as long, however often that is.</summary>
    public TimeSpan AtLeast { get; init; }

    /// <summary>Neither a silo nor the database dies: nothing excuses a line that is not given back.</summary>
    public bool KeepsLines { get; init; }

    /// <summary>What happens to events all the time.</summary>
    public bool SpoilsEvents { get; init; }

    /// <summary>Which of the damages is done while the campaign's hours close and open again, in a program that sets clocks.</summary>
    public Blow? AcrossHours { get; init; }

    /// <summary>What the cluster is to stand on.</summary>
    public Surroundings Surroundings { get; init; } = Surroundings.Plain;

    private static readonly Blow s_stepClocks = StepClocks();

    public static readonly IReadOnlyDictionary<string, ChaosProgram> All = new Dictionary<string, ChaosProgram>(StringComparer.Ordinal)
    {
        ["silo-kill"] = new([KillSiloAsync], [KillSiloAsync], 20, 2, TimeSpan.FromSeconds(10)),
        ["silo-freeze"] = new([FreezeSilo(5, 20, 60)], [FreezeSilo(5), FreezeSilo(12)], 20, 2, TimeSpan.FromSeconds(15)),
        ["node-kill"] = new([KillNodeAsync], [KillNodeAsync], 10, 2, TimeSpan.FromSeconds(10)),
        ["network"] = new([CutSocketAsync, SilenceLine(20)], [CutSocketAsync, SilenceLine(8)], 20, 2, TimeSpan.FromSeconds(10)) { KeepsLines = true, Surroundings = new() { NodeNetwork = true } },
        ["database"] = new(
            [KillDatabaseAsync, RestartDatabaseAsync, FreezeDatabase(30), CutConnectionsAsync],
            [KillDatabaseAsync, CutConnectionsAsync, FreezeDatabase(6)], 40, 3, TimeSpan.FromSeconds(15)),
        ["disk"] = new([FillDisk(5, 20)], [FillDisk(5)], 10, 2, TimeSpan.FromSeconds(15)) { Surroundings = new() { SmallDisk = true } },
        ["clock"] = new([s_stepClocks], [s_stepClocks], 10, 2, TimeSpan.FromSeconds(10)) { KeepsLines = true, Surroundings = new() { SiloClocks = true }, AcrossHours = s_stepClocks },
        ["events"] = new([], [], 0, 0, TimeSpan.FromSeconds(10)) { KeepsLines = true, SpoilsEvents = true },
        ["mixed"] = new(
            [KillSiloAsync, FreezeSilo(5, 20, 60), KillNodeAsync, CutSocketAsync, SilenceLine(20), KillDatabaseAsync, RestartDatabaseAsync,
             FreezeDatabase(30), CutConnectionsAsync, FillDisk(5, 20), s_stepClocks],
            [s_stepClocks, KillNodeAsync, CutSocketAsync, FillDisk(5), SilenceLine(8)], 0, 5, TimeSpan.FromSeconds(15))
        {
            AtLeast = TimeSpan.FromMinutes(30),
            SpoilsEvents = true,
            Surroundings = new() { SiloClocks = true, SmallDisk = true },
            AcrossHours = s_stepClocks,
        },
    };
}
