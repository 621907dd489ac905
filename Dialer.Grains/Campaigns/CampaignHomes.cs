using Orleans.Runtime;

namespace Dialer.Grains.Campaigns;

/// <summary>
/// Where campaigns live: each has a silo of its own choice among those that are active, so that many are spread evenly whoever wakes them,
/// and when a silo comes or goes, only those move that must. What a campaign calls into being (contacts, calls) lives beside it, its trunk
/// follows it, and nodes that are heard there are preferred.
/// </summary>
public sealed class CampaignHomes : ISiloStatusListener
{
    // Silos that come and go are left alone, and one that has just started is slow.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly ISiloStatusOracle _silos;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private SiloAddress[] _active = [];
    private long _changedAt;

    public CampaignHomes(ISiloStatusOracle silos, TimeProvider time)
    {
        (_silos, _time, _changedAt) = (silos, time, time.GetTimestamp());
        // Nothing is told between the question and the answer.
        lock (_lock)
        {
            silos.SubscribeToSiloStatusEvents(this);
            _active = [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];
        }
    }

    /// <summary>The silo to which a campaign that is here should move; null where it is at home, or silos have come or gone in the last 10 s.</summary>
    public SiloAddress? Elsewhere(GrainId campaign)
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_changedAt) < Quiet)
                return null;
        }

        return Choose(campaign, Volatile.Read(ref _active)) is { } home && !home.Equals(_silos.SiloAddress) ? home : null;
    }

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        lock (_lock)
        {
            _changedAt = _time.GetTimestamp();
            var others = _active.Where(silo => !silo.Equals(updatedSilo));
            Volatile.Write(ref _active, status == SiloStatus.Active ? [.. others, updatedSilo] : [.. others]);
        }
    }

    /// <summary>The silo that a campaign likes best of these: another for each campaign, and the same whoever asks; null of none.</summary>
    public static SiloAddress? Choose(GrainId campaign, IEnumerable<SiloAddress> silos) =>
        silos.MaxBy(silo => (Liking(campaign.GetUniformHashCode(), (uint)silo.GetConsistentHashCode()), silo.ToString()));

    // Both numbers thoroughly mixed (the finaliser of SplitMix64).
    private static ulong Liking(uint campaign, uint silo)
    {
        var mixed = ((ulong)campaign << 32) | silo;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
