namespace Dialer.Chaos.Installation;

/// <summary>What a cluster stands on that can be damaged, and that a program has to ask for. It takes root.</summary>
internal sealed record Surroundings
{
    public static readonly Surroundings Plain = new();

    /// <summary>A clock for each silo that can be set; the campaign's hours then begin and end (<see cref="Hours.AcrossSteps"/>).</summary>
    public bool SiloClocks { get; init; }

    /// <summary>A disk under PostgreSQL that can be filled.</summary>
    public bool SmallDisk { get; init; }

    /// <summary>A network between silos and nodes whose cables can be pulled, in the place of lines through this process.</summary>
    public bool NodeNetwork { get; init; }
}
