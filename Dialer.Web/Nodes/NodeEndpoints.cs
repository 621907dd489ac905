using Dialer.Grains.Interfaces.Nodes;

namespace Dialer.Web.Nodes;

internal static class NodeEndpoints
{
    public static void MapNodes(this RouteGroupBuilder api) =>
        api.MapGet("/nodes", (IGrainFactory grains) => grains.GetGrain<INodeDirectoryGrain>("all").List())
            .WithTags("Nodes").WithSummary("The Asterisk nodes and whether they are connected");
}
