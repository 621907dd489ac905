using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Dialer.Ari;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Tenants;
using Dialer.Grains.Trunks;
using Dialer.Storage.Operators;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Nodes;

/// <summary>
/// What a node is told of trunks and phones. Of a change only the name comes here: what is so now is read from its owner when its turn has
/// come, and there is one turn at a time, so nothing older is told after something newer. What could not be told waits for the next sweep.
/// Thread-safe; names are those in Asterisk (<see cref="PjsipObjects.TrunkName"/>, or a phone's SIP user).
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose handle nobody asks for has nothing to dispose of.")]
internal sealed partial class NodeTelling(
    AriConnection ari, string node, IGrainFactory grains, SipUsers sipUsers, TimeProvider time, ILogger logger)
{
    // A registration that is taken away says good-bye to its provider, which asks for the login once more.
    private static readonly TimeSpan GoodBye = TimeSpan.FromSeconds(1);

    // An endpoint is taken off Asterisk's list a moment after its deletion was answered for, 0.6 s at the longest seen.
    private static readonly TimeSpan TakenOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    // What Asterisk refuses for ever must not be taken away and made anew at each sweep.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, Untold> _untold = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _trunksToldAt = new(StringComparer.Ordinal);
    private volatile bool _stopped;

    /// <param name="Failures">How often it was tried since it changed.</param>
    /// <param name="At">When the last time was.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Untold(int Failures, long At);

    /// <summary>A trunk or phone as it is now; without objects where it is gone.</summary>
    private sealed record Thing(string Name, IReadOnlyList<PjsipObjects.PjsipObject> Objects, int Failures = 0)
    {
        public bool IsTrunk { get; } = PjsipObjects.TrunkKey(Name) is not null;

        public bool IsGone => Objects.Count == 0;
    }

    /// <summary>A trunk or phone was made, changed or deleted; what its owner says of it from now on is told at the next turn.</summary>
    public void Changed(string name) => _untold[name] = default;

    /// <summary>How long ago the node was told of a trunk; null where it was not.</summary>
    public TimeSpan? SinceTold(string trunk) => _trunksToldAt.TryGetValue(trunk, out var at) ? time.GetElapsedTime(at) : null;

    /// <summary>Somebody else is about to have the node: nothing further is told it from here.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Tells what has changed, and what could not be told before. Does not fail: what does waits for the next time.</summary>
    public async Task TellChangesAsync(CancellationToken cancellationToken)
    {
        // Also where nothing waits any more: whoever asks may have been taken along by a turn that still goes on.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await TellUntoldAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Tells everything, and takes away what is no more. For a node that has just been connected.</summary>
    public async Task TellAllAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // What changes from here on may have been read before its change: it is told once more at the end.
            _untold.Clear();
            var there = (await ari.Endpoints.ListAsync(cancellationToken)).ValueOrThrow();
            var things = await ReadAllAsync();
            var names = things.Select(thing => thing.Name).ToHashSet(StringComparer.Ordinal);
            // Deleted while nobody could tell it. Endpoints of its own files stay: Asterisk refuses to delete them.
            things.AddRange(there.Where(e => e.Technology == "PJSIP" && names.Add(e.Resource)).Select(e => new Thing(e.Resource, [])));
            await TellAsync(things, cancellationToken);
            await TellUntoldAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TellUntoldAsync(CancellationToken cancellationToken)
    {
        var things = new List<Thing>();
        foreach (var (name, before) in _untold)
        {
            // Forgotten before it is read: who changes it after that notes it again.
            if (!IsDue(before) || !_untold.TryRemove(name, out var untold))
                continue;
            try
            {
                things.Add(new Thing(name, await ReadAsync(name, cancellationToken), untold.Failures));
            }
            catch (Exception e)
            {
                Keep(name, untold.Failures);
                LogNotRead(e, node, name);
            }
        }

        try
        {
            await TellAsync(things, cancellationToken);
        }
        catch (Exception e)
        {
            LogNotTold(node, e.Message);
        }
    }

    // At the next sweep, the one after, and in the end each minute.
    private bool IsDue(Untold untold) =>
        untold.Failures == 0 || time.GetElapsedTime(untold.At) >= FirstPause * Math.Min(Math.Pow(4, untold.Failures - 1), LongestPause / FirstPause);

    // Where it changed meanwhile that stands, and is due at once.
    private void Keep(string name, int failures) => _untold.TryAdd(name, new Untold(failures + 1, time.GetTimestamp()));

    private async Task<List<Thing>> ReadAllAsync()
    {
        var (phones, trunks) = (new List<Thing>(), new List<Thing>());
        foreach (var tenant in await AskAsync(() => grains.GetGrain<ITenantDirectoryGrain>("all").List()))
        {
            foreach (var trunk in await AskAsync(() => grains.GetGrain<ITenantGrain>(tenant).Trunks()))
                if (await AskAsync(() => grains.GetGrain<ITrunkLines>(Keys.Of(tenant, trunk)).Spec()) is { } spec)
                    trunks.Add(new Thing(PjsipObjects.TrunkName(spec.Key), [.. PjsipObjects.Of(spec)]));
            foreach (var phone in await AskAsync(() => grains.GetGrain<ITenantParts>(tenant).Phones()))
                phones.Add(new Thing(phone.SipUser, [.. PjsipObjects.Of(phone)]));
        }

        return [.. phones, .. trunks];
    }

    // Often the silo that had the node had some of these, too, and is going: no call is placed until all of them have answered.
    private Task<T> AskAsync<T>(Func<Task<T>> question) => MovingGrain.AskAsync(_ => question(), time);

    private async Task<IReadOnlyList<PjsipObjects.PjsipObject>> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (PjsipObjects.TrunkKey(name) is { } key)
            return await grains.GetGrain<ITrunkLines>(key).Spec() is { } trunk ? [.. PjsipObjects.Of(trunk)] : [];
        return await sipUsers.OwnerAsync(name, cancellationToken) is (var tenant, var id)
            && await grains.GetGrain<ITenantParts>(tenant).Phone(id) is { } phone && phone.SipUser == name ? [.. PjsipObjects.Of(phone)] : [];
    }

    /// <summary>Tells of each; keeps those that Asterisk refuses.</summary>
    /// <exception cref="AriException">The node answers no more; the rest is kept, too.</exception>
    private async Task TellAsync(List<Thing> things, CancellationToken cancellationToken)
    {
        var told = 0;
        try
        {
            await UnregisterAsync(things.Where(thing => thing.IsTrunk), cancellationToken);
            for (; told < things.Count; told++)
                if (!await TellAsync(things[told], cancellationToken))
                    Keep(things[told].Name, things[told].Failures);
        }
        finally
        {
            foreach (var thing in things.Skip(told))
                Keep(thing.Name, thing.Failures);
        }
    }

    /// <summary>
    /// Tells of a trunk in the place of what is known under its name. Asterisk (22) only adds to an object that is there: the aor would keep
    /// the gateway's old address beside the new one and go on calling it, and the endpoint a login that was removed.
    /// </summary>
    private async Task<bool> TellAsync(Thing thing, CancellationToken cancellationToken)
    {
        if (_stopped)
            throw new OperationCanceledException($"The node '{node}' moves.");
        var done = true;
        if (thing.IsTrunk || thing.IsGone)
            done = await RemoveAsync(thing.Name, cancellationToken);
        foreach (var item in thing.Objects)
            done &= IsDone(await ari.Asterisk.PutConfigAsync(PjsipObjects.Class, item.Type, item.Id, item.Fields, cancellationToken), item.Type, item.Id);
        if (thing.IsTrunk)
            _trunksToldAt[thing.Name] = time.GetTimestamp();
        return done;
    }

    private async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var (done, wasThere) = (true, false);
        foreach (var type in PjsipObjects.Removal)
        {
            var result = await ari.Asterisk.DeleteConfigAsync(PjsipObjects.Class, type, name, cancellationToken);
            wasThere |= result.IsSuccess;
            done &= IsDone(result, type, name, removed: true);
        }

        if (wasThere)
            await WaitUntilTakenOffAsync(name, cancellationToken);
        return done;
    }

    /// <summary>
    /// Waits until an endpoint that was deleted is on no list any more. Made anew before that, it can be called, and is on no list for good
    /// (Asterisk 22: six of 720): whether its gateway answers is not reported then, nor found that it was deleted.
    /// </summary>
    private async Task WaitUntilTakenOffAsync(string name, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < TakenOff
            && (await ari.Endpoints.GetAsync("PJSIP", name, cancellationToken)).Error is not { Kind: AriErrorKind.NotFound })
            await Task.Delay(LookAgain, TimeProvider.System, cancellationToken);
    }

    private async Task UnregisterAsync(IEnumerable<Thing> trunks, CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var trunk in trunks)
        {
            var result = await ari.Asterisk.DeleteConfigAsync(PjsipObjects.Class, PjsipObjects.Registration, trunk.Name, cancellationToken);
            any |= result.IsSuccess;
            if (!IsDone(result, PjsipObjects.Registration, trunk.Name, removed: true))
                Keep(trunk.Name, trunk.Failures);
        }

        if (any)
            await Task.Delay(GoodBye, TimeProvider.System, cancellationToken);
    }

    private bool IsDone(AriResult result, string type, string name, bool removed = false)
    {
        // Not there, or of Asterisk's own files, which stay.
        if (result.IsSuccess || removed && result.Error is { Kind: AriErrorKind.NotFound or AriErrorKind.Forbidden })
            return true;
        LogRefused(type, name, node, result.Error.ToString());
        return result.Error.Kind is AriErrorKind.Disconnected or AriErrorKind.Timeout ? throw new AriException(result.Error) : false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Asterisk refused {Type} {Name} on node {Node}: {Reason}")]
    private partial void LogRefused(string type, string name, string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} was not told of a change and is told again: {Reason}")]
    private partial void LogNotTold(string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} is told later of {Name}, which could not be read")]
    private partial void LogNotRead(Exception error, string node, string name);
}
