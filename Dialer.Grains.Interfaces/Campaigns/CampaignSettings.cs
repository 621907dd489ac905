using System.Text.Json.Serialization;

namespace Dialer.Grains.Interfaces.Campaigns;

/// <summary>How many lines of a trunk a campaign may use at once.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.TrunkShare")]
public sealed record TrunkShare([property: Id(0)] string Trunk, [property: Id(1)] int Lines);

/// <summary>A day of the week as the REST interface writes it.</summary>
[GenerateSerializer, Alias("Dialer.Weekday")]
public enum Weekday { Sun, Mon, Tue, Wed, Thu, Fri, Sat }

/// <summary>A weekly window for calls. <c>to</c> at or before <c>from</c> reaches into the next day; 00:00–00:00 is the whole day.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.CallingWindow")]
public sealed record CallingWindow(
    [property: Id(0)] IReadOnlyList<Weekday> Days, [property: Id(1)] TimeOnly From, [property: Id(2)] TimeOnly To);

/// <summary>What a campaign does and when.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Entry">The extension that an answered call begins at.</param>
/// <param name="Enabled">Whether it calls (within its schedule).</param>
/// <param name="Trunks">The lines it may use.</param>
/// <param name="Schedule">Weekly windows in the tenant's time zone; empty means at any time.</param>
/// <param name="StartDate">First day of calls; null means now.</param>
/// <param name="EndDate">Last day of calls; null means never.</param>
/// <param name="MinimumDuration">From how long an answered call counts as a success.</param>
/// <param name="Retries">How many further attempts a contact gets, 0 to 100.</param>
/// <param name="RetryInterval">How far apart attempts are.</param>
/// <param name="RingTimeout">How long a call rings.</param>
/// <param name="CallerId">Shown to the called party instead of the trunk's.</param>
/// <param name="Priority">Free lines of a shared trunk go to the higher one first; equals share fairly.</param>
/// <param name="RetryIntervals">Other intervals for single verdicts (<c>{"busy":"00:05:00"}</c>).</param>
[GenerateSerializer, Immutable, Alias("Dialer.CampaignSettings")]
public sealed record CampaignSettings(
    [property: Id(0)] string Name,
    [property: Id(1)] string Entry,
    [property: Id(2)] bool Enabled,
    [property: Id(3)] IReadOnlyList<TrunkShare> Trunks,
    [property: Id(4)] IReadOnlyList<CallingWindow>? Schedule = null,
    [property: Id(5)] DateOnly? StartDate = null,
    [property: Id(6)] DateOnly? EndDate = null,
    [property: Id(7)] TimeSpan MinimumDuration = default,
    [property: Id(8)] int Retries = 3,
    [property: Id(9)] TimeSpan? RetryInterval = null,
    [property: Id(10)] TimeSpan? RingTimeout = null,
    [property: Id(11)] string? CallerId = null,
    [property: Id(12)] int Priority = 0,
    [property: Id(13), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<Calls.Verdict, TimeSpan>? RetryIntervals = null)
{
    /// <summary>The interval between attempts where <see cref="RetryInterval"/> says nothing.</summary>
    public static readonly TimeSpan DefaultRetryInterval = TimeSpan.FromMinutes(30);

    /// <summary>The ringing time where <see cref="RingTimeout"/> says nothing.</summary>
    public static readonly TimeSpan DefaultRingTimeout = TimeSpan.FromSeconds(45);
}
