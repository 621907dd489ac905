using Dialer.Grains.Interfaces.Nodes;

namespace Dialer.Web.Nodes;

internal static class NodeEndpoints
{
    public static void MapNodes(this RouteGroupBuilder api)
    {
        var nodes = api.MapGroup("/nodes").WithTags("Nodes");
        nodes.MapGet("/", (IGrainFactory grains) => Directory(grains).List()).WithSummary("The Asterisk nodes and whether they are connected");
        nodes.MapPost("/{id}/drain", (string id, IGrainFactory grains) => Directory(grains).Drain(id))
            .WithSummary("Gives the node no new calls; those that it has end by themselves");
        nodes.MapPost("/{id}/undrain", (string id, IGrainFactory grains) => Directory(grains).Undrain(id))
            .WithSummary("Gives the node calls again");
    }

    private static INodeDirectoryGrain Directory(IGrainFactory grains) => grains.GetGrain<INodeDirectoryGrain>("all");
}
