namespace Dialer.Grains.Interfaces.Campaigns;

/// <summary>
/// A campaign as a client sees it. Key: <c>tenant/campaign</c>. Commands are stored before they are acknowledged; a command that
/// arrives twice does no harm.
/// </summary>
[Alias("Dialer.ICampaignGrain")]
public interface ICampaignGrain : IGrainWithStringKey
{
    /// <summary>The settings, or null where there is no such campaign.</summary>
    [Alias("Get")] Task<CampaignSettings?> Get();

    /// <summary>Creates or replaces the campaign.</summary>
    /// <exception cref="RefusedException">A setting is not acceptable; the field is named.</exception>
    [Alias("Put")] Task<CampaignSettings> Put(CampaignSettings settings);

    /// <summary>Removes the campaign, its contacts, attempts and lists.</summary>
    /// <exception cref="RefusedException">It is enabled or calls are running.</exception>
    [Alias("Delete")] Task Delete();

    /// <summary>Begins to call, as soon as the schedule allows.</summary>
    [Alias("Start")] Task Start();

    /// <summary>Starts no further call; running calls end by themselves.</summary>
    [Alias("Pause")] Task Pause();

    /// <summary>The campaign's short number in the database; what the long tables refer to.</summary>
    [Alias("Number")] Task<int> Number();

    /// <summary>Counts that hold after any crash, with the lines of this moment.</summary>
    [Alias("Stats")] Task<CampaignStats> Stats();

    /// <summary>What it does now, and why nothing is being dialled.</summary>
    [Alias("Status")] Task<CampaignStatus> Status();

    /// <summary>Says that contacts were added or changed behind the grain's back (a list was read). Cheap; may come twice.</summary>
    [Alias("ContactsChanged")] Task ContactsChanged();

    /// <summary>Follows the campaign. Renew within <see cref="CampaignObservation.Expiry"/>; a newcomer gets the present figures at once.</summary>
    [Alias("Subscribe")] Task Subscribe(ICampaignObserver observer);

    /// <summary>Stops following.</summary>
    [Alias("Unsubscribe")] Task Unsubscribe(ICampaignObserver observer);
}

/// <summary>Constants of following a campaign.</summary>
public static class CampaignObservation
{
    /// <summary>A subscription that was not renewed for this long is dropped.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromMinutes(2);
}

/// <summary>Gets a campaign's figures whenever they changed, at most once a second.</summary>
[Alias("Dialer.ICampaignObserver")]
public interface ICampaignObserver : IGrainObserver
{
    /// <summary>New figures.</summary>
    [Alias("Changed"), Orleans.Concurrency.OneWay] Task Changed(string campaign, CampaignStats stats, CampaignStatus status);
}
