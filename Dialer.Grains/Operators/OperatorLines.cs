using Dialer.Grains.Trunks;
using Dialer.Storage.Operators;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Operators;

/// <summary>
/// The lines of operators' mobiles: what is written of each, and its way back to the trunk. No part of the call: a line may only be written
/// as over when its call has ended and its grain is gone, and Orleans then refuses that grain everything that it would ask of others.
/// </summary>
public sealed partial class OperatorLines(OperatorLegs legs, IGrainFactory grains, TimeProvider time, ILogger<OperatorLines> logger)
{
    /// <summary>Writes that a leg uses the line that was granted to it. False where it may not: the line is given back, and the leg is not to be rung.</summary>
    /// <param name="leg">Whose line it is.</param>
    /// <param name="epoch">The trunk's own, of the grant.</param>
    public async Task<bool> TakeAsync(OperatorLeg leg, long epoch)
    {
        if (await WriteAsync(leg, epoch))
            return true;
        var trunk = grains.GetGrain<ITrunkLines>(leg.TrunkKey);
        await trunk.Release(leg.Id, LineReturn.Unused);
        // A trunk that has lost its place would grant in vain until a campaign tells it so, and this one may have none.
        await trunk.Recount(epoch);
        return false;
    }

    /// <summary>
    /// Writes that a leg is over, and gives its line back; twice does no harm. Where the database is away, the node's sweep makes up for it: it
    /// finds a leg without a channel.
    /// </summary>
    public async Task GiveBackAsync(string leg)
    {
        try
        {
            // Never given up halfway: nobody else gives back the line of a leg that is written as over.
            if (await legs.EndAsync(leg, time.GetUtcNow(), CancellationToken.None) is { } trunk)
                await grains.GetGrain<ITrunkLines>(trunk).Release(leg, LineReturn.Unused);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogNotWritten(leg, e.Message);
        }
    }

    /// <summary>Gives back the lines of a node's legs that have no channel there any more.</summary>
    /// <param name="node">The node's id.</param>
    /// <param name="present">The channels that it has.</param>
    /// <param name="before">Legs that began later are left alone.</param>
    /// <param name="cancellationToken">Gives up between two legs.</param>
    public async Task GiveBackWithoutChannelAsync(string node, IReadOnlySet<string> present, DateTimeOffset before, CancellationToken cancellationToken)
    {
        foreach (var leg in await legs.OpenOfNodeAsync(node, before, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!present.Contains(leg.Id))
                await GiveBackAsync(leg.Id);
        }
    }

    private async Task<bool> WriteAsync(OperatorLeg leg, long epoch)
    {
        try
        {
            return await legs.StartAsync(leg, epoch, time.GetUtcNow(), CancellationToken.None);
        }
        // A line that can't be written can't be used; if it was written after all, the node's sweep finds no channel and closes it.
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            LogNotWritten(leg.Id, e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The line of leg {Leg} was not written: {Reason}")]
    private partial void LogNotWritten(string leg, string reason);
}
