using Dialer.Grains.Interfaces.Trunks;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Trunks;

/// <summary>What is stored of a trunk, every node hears in the end: it is stored as untold until they have.</summary>
public sealed partial class TrunkGrain
{
    // Lost with the activation.
    // Nodes that have not heard of what is stored as untold; null where none has.
    private IReadOnlyCollection<string>? _unheard;
    private Task _tellsAgain = Task.CompletedTask;

    /// <param name="settings">Null where it is deleted.</param>
    private Task Store(TrunkSettings? settings)
    {
        _unheard = null;
        return _stored.SetAsync(new TrunkState { Settings = settings, Untold = true });
    }

    private async Task TellNodes()
    {
        if (!_stored.State.Untold)
            return;
        await TellUnheard();
        await NoteTold();
    }

    private async Task TellUnheard()
    {
        // A copy: it tells this telling from the next.
        var unheard = _unheard ??= [.. nodes.Ids];
        var left = await nodes.TellAsync(unheard, node => node.TrunkChanged(Key), logger);
        // Unless there is something newer to tell by now.
        if (ReferenceEquals(unheard, _unheard))
            _unheard = left;
    }

    private async Task NoteTold()
    {
        if (_unheard is not { Count: 0 })
            return;
        try
        {
            await (_stored.State.Settings is null ? _stored.ClearAsync() : _stored.SetAsync(_stored.State with { Untold = false }));
        }
        // What was asked for is done; the sweep comes back to the note.
        catch (Exception e)
        {
            LogNotNoted(Key, e.Message);
        }
    }

    // Beside everything else: no line waits for a node whose silo hangs.
    private async Task TellNodesAgain()
    {
        if (!_stored.State.Untold)
            return;
        await NoteTold();
        if (_stored.State.Untold && _tellsAgain.IsCompleted)
            _tellsAgain = TellUnheard();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Trunk {Trunk}: that every node knows it could not be stored, and is later: {Reason}")]
    private partial void LogNotNoted(string trunk, string reason);
}
