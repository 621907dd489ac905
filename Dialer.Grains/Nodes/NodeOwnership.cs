using Dialer.Storage.Database;

namespace Dialer.Grains.Nodes;

/// <summary>
/// That one activation owns its node: the epoch which it took, and how lately the database said that nobody has taken it since. Lost with
/// the activation; the next one takes a new epoch.
/// </summary>
public sealed class NodeOwnership(string node, Owners owners, TimeProvider time)
{
    // For so long after an answer that this is the owner it takes itself for the owner; a heartbeat asks more often.
    private static readonly TimeSpan Sure = TimeSpan.FromSeconds(3);

    private long _epoch;
    private long _tookAt;
    private long _sureAt;
    private Task<bool>? _asking;

    /// <summary>Takes the node from whoever had it.</summary>
    public async Task TakeAsync(string silo, CancellationToken cancellationToken)
    {
        _sureAt = time.GetTimestamp();
        _epoch = await owners.TakeAsync(Owners.Node, node, silo, time.GetUtcNow(), cancellationToken);
        _tookAt = time.GetTimestamp();
    }

    /// <summary>Completes when the owner before, should it wake again, no longer takes itself for the owner.</summary>
    public Task AloneAsync() => Sure - time.GetElapsedTime(_tookAt) is { Ticks: > 0 } wait ? Task.Delay(wait, time) : Task.CompletedTask;

    /// <summary>Whether the database said lately that this is the owner; asks it where that is too long ago, once for all who wait.</summary>
    public Task<bool> IsSureAsync()
    {
        if (time.GetElapsedTime(_sureAt) < Sure)
            return Task.FromResult(true);
        return _asking is { IsCompleted: false } ? _asking : _asking = IsOwnerAsync(CancellationToken.None);
    }

    /// <summary>Whether this is the owner, as the database has it now.</summary>
    public Task<bool> IsOwnerAsync(CancellationToken cancellationToken) =>
        AskAsync(() => owners.IsOwnerAsync(Owners.Node, node, _epoch, cancellationToken));

    /// <summary>Writes when the node's calls were last seen; calls that vanish later are closed by it. False where another has it.</summary>
    public Task<bool> SeenAsync(DateTimeOffset at, CancellationToken cancellationToken) =>
        AskAsync(() => owners.SeenAsync(Owners.Node, node, _epoch, at, cancellationToken));

    private async Task<bool> AskAsync(Func<Task<bool>> question)
    {
        var asked = time.GetTimestamp();
        if (!await question())
            return false;
        _sureAt = asked;
        return true;
    }
}
