using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Dialer.Grains.Campaigns;

/// <summary>A campaign wakes where it likes to live (<see cref="CampaignHomes"/>), whoever has called it.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.AtHomePlacement")]
public sealed class AtHomePlacement : PlacementStrategy;

/// <summary>Marks a grain that wakes at home.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AtHomePlacementAttribute() : PlacementAttribute(new AtHomePlacement());

/// <summary>Finds the home among the silos that can have the grain.</summary>
public sealed class AtHomePlacementDirector : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(
            IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) ?? CampaignHomes.Choose(target.GrainIdentity, silos)
            ?? throw new OrleansException($"There is no silo for {target.GrainIdentity}."));
    }
}
