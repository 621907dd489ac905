using System.Text.Json;
using Orleans;

namespace Dialer.Storage.Contacts;

/// <summary>When a claim was sent and when it had its answer, by this machine's clock.</summary>
public sealed record ClaimTimes(DateTimeOffset Began, DateTimeOffset Ended);

/// <summary>A contact as its grain works with it: its row, as it was when it was claimed.</summary>
/// <param name="Campaign">The campaign's short number.</param>
/// <param name="Id">The contact.</param>
/// <param name="Generation">Which version of the person this is; a newer list raises it.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Numbers">E.164, or digits as they were written.</param>
/// <param name="Variables">A flat JSON object of strings.</param>
/// <param name="TimeZone">The contact's own IANA zone, or null for the tenant's.</param>
/// <param name="Struck">Bit n set: number n turned out not to exist.</param>
/// <param name="NextNumber">Which number is next in turn.</param>
/// <param name="RetriesUsed">How many of the campaign's retries are used up.</param>
/// <param name="Setbacks">Attempts in a row that failed by our or the carrier's fault.</param>
/// <param name="ClaimEpoch">The epoch of the campaign owner that claimed it.</param>
/// <param name="Attempts">How many attempts of this generation had ended when it was claimed.</param>
[GenerateSerializer, Immutable, Alias("Dialer.ContactRow")]
public sealed record ContactRow(
    [property: Id(0)] int Campaign,
    [property: Id(1)] long Id,
    [property: Id(2)] int Generation,
    [property: Id(3)] string Name,
    [property: Id(4)] string[] Numbers,
    [property: Id(5)] string Variables,
    [property: Id(6)] string? TimeZone,
    [property: Id(7)] int Struck,
    [property: Id(8)] int NextNumber,
    [property: Id(9)] int RetriesUsed,
    [property: Id(10)] int Setbacks,
    [property: Id(11)] long ClaimEpoch,
    [property: Id(12)] int Attempts)
{
    /// <summary>When it was claimed, for its trace; known in the process that claimed it.</summary>
    [field: NonSerialized]
    public ClaimTimes? Claim { get; init; }

    /// <summary>The variables, by name in any case.</summary>
    public IReadOnlyDictionary<string, string> ReadVariables()
    {
        var read = JsonSerializer.Deserialize<Dictionary<string, string>>(Variables) ?? [];
        return new Dictionary<string, string>(read, StringComparer.OrdinalIgnoreCase);
    }
}
