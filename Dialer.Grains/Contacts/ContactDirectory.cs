using System.Collections.Concurrent;
using Orleans.GrainDirectory;

namespace Dialer.Grains.Contacts;

/// <summary>
/// Where contacts are awake: each silo knows its own, and asks no other one. What Orleans' directory does for a grain (it is looked up, entered
/// and crossed out, a message each) took an eighth of a silo's time for contacts, which are awake for one attempt and called by their own silo.
/// So a contact may be awake on two silos; its row, and nothing in its memory, decides (docs/decisions/0019).
/// </summary>
public sealed class ContactDirectory : IGrainDirectory
{
    /// <summary>Its name among a silo's directories.</summary>
    public const string Name = "contacts";

    private readonly ConcurrentDictionary<GrainId, GrainAddress> _awake = new();

    /// <inheritdoc/>
    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(_awake.GetOrAdd(address.GrainId, address));

    /// <inheritdoc/>
    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
    {
        if (previousAddress is not null && _awake.TryUpdate(address.GrainId, address, previousAddress))
            return Task.FromResult<GrainAddress?>(address);
        return Register(address);
    }

    /// <inheritdoc/>
    public Task Unregister(GrainAddress address)
    {
        if (_awake.TryGetValue(address.GrainId, out var known) && known.Matches(address))
            _awake.TryRemove(KeyValuePair.Create(address.GrainId, known));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(_awake.GetValueOrDefault(grainId));

    /// <inheritdoc/>
    public Task UnregisterSilos(List<SiloAddress> siloAddresses)
    {
        foreach (var (grain, address) in _awake)
            if (address.SiloAddress is { } silo && siloAddresses.Contains(silo))
                _awake.TryRemove(KeyValuePair.Create(grain, address));
        return Task.CompletedTask;
    }
}
