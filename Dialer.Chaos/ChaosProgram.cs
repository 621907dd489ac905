using Dialer.Chaos.Damage;
using Dialer.Chaos.Installation;
using static Dialer.Chaos.Damage.Damages;

namespace Dialer.Chaos;

/// <summary>A kind of damage in earnest and in short.</summary>
/// <param name="Damages">Each of them once in an order by chance, and then again in another; a short run takes its own in turn.</param>
/// <param name="Strikes">How often.</param>
/// <param name="ShortStrikes">How often in a short run.</param>
/// <param name="LongestPause">What dialling may pause at most, not counting the time in which nobody could have dialled.</param>
internal sealed record ChaosProgram(
    Blow[] Damages, Blow[] ShortDamages, int Strikes, int ShortStrikes, TimeSpan LongestPause)
{
    /// <summary>A long run goes on for as long, however often that is.</summary>
    public TimeSpan AtLeast { get; init; }

    /// <summary>What happens to events all the time.</summary>
    public bool SpoilsEvents { get; init; }

    /// <summary>What the cluster is to stand on.</summary>
    public Surroundings Surroundings { get; init; } = Surroundings.Plain;

    public static readonly IReadOnlyDictionary<string, ChaosProgram> All = new Dictionary<string, ChaosProgram>(StringComparer.Ordinal)
    {
        ["silo-kill"] = new([KillSiloAsync], [KillSiloAsync], 20, 2, TimeSpan.FromSeconds(10)),
        ["silo-freeze"] = new([FreezeSilo(5, 20, 60)], [FreezeSilo(5), FreezeSilo(12)], 20, 2, TimeSpan.FromSeconds(15)),
        ["node-kill"] = new([KillNodeAsync], [KillNodeAsync], 10, 2, TimeSpan.FromSeconds(10)),
        ["network"] = new([CutSocketAsync, SilenceLine(20)], [CutSocketAsync, SilenceLine(8)], 20, 2, TimeSpan.FromSeconds(10)) { Surroundings = new() { NodeNetwork = true } },
        ["database"] = new(
            [KillDatabaseAsync, RestartDatabaseAsync, FreezeDatabase(30), CutConnectionsAsync],
            [KillDatabaseAsync, CutConnectionsAsync, FreezeDatabase(6)], 40, 3, TimeSpan.FromSeconds(15)),
        ["disk"] = new([FillDisk(5, 20)], [FillDisk(5)], 10, 2, TimeSpan.FromSeconds(15)) { Surroundings = new() { SmallDisk = true } },
        ["clock"] = new([StepClocks], [StepClocks], 10, 2, TimeSpan.FromSeconds(10)) { Surroundings = new() { SiloClocks = true } },
        ["events"] = new([], [], 0, 0, TimeSpan.FromSeconds(10)) { SpoilsEvents = true },
        ["mixed"] = new(
            [KillSiloAsync, FreezeSilo(5, 20), KillNodeAsync, CutSocketAsync, SilenceLine(20), KillDatabaseAsync, RestartDatabaseAsync,
             FreezeDatabase(15), CutConnectionsAsync],
            [KillSiloAsync, KillNodeAsync, KillDatabaseAsync], 60, 3, TimeSpan.FromSeconds(15)) { AtLeast = TimeSpan.FromMinutes(30) },
    };
}
