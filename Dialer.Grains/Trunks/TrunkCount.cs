using Dialer.Storage.Calls;
using Dialer.Storage.Database;

namespace Dialer.Grains.Trunks;

/// <summary>How a trunk learns which of its lines are in use: when it wakes, and whenever it may be wrong.</summary>
public static class TrunkCount
{
    /// <summary>
    /// Takes the next epoch of the trunk, then puts what is written as in flight into <paramref name="lines"/>. In this order: what an
    /// older epoch allowed is either written (and counted) or can be written no more. Until it returns nothing may be granted, nor after
    /// it failed.
    /// </summary>
    /// <returns>The epoch that goes with what is granted from now on.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database did not answer; the epoch may be taken or not.</exception>
    public static async Task<long> TakeAsync(
        TrunkLines lines, string trunkKey, string silo, Owners owners, OpenAttempts open, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var epoch = await owners.TakeAsync(Owners.Trunk, trunkKey, silo, now, cancellationToken);
        // The first owner that ever was: nothing is written without the epoch of one.
        lines.Reset(epoch == 1 ? [] : await open.OfTrunkAsync(trunkKey, cancellationToken), now);
        return epoch;
    }
}
