using System.Globalization;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Web.Campaigns;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;
using static System.Text.Json.JsonNamingPolicy;

namespace Dialer.Web.Calls;

/// <summary>Whether a call is running.</summary>
public enum AttemptState
{
    Calling,
    Ended,
}

internal static class AttemptEndpoints
{
    private static readonly string[] Header =
    [
        "id", "contactId", "name", "number", "trunk", "startedAt", "answeredAt", "endedAt", "duration", "verdict", "cause", "keys", "operator",
    ];

    public static void MapAttempts(this RouteGroupBuilder campaign)
    {
        var attempts = campaign.MapGroup("").WithTags("Attempts");
        attempts.MapGet("/attempts", Page).WithSummary("Attempts, page by page, the newest first")
            .WithDescription($"`state` is calling or ended; `verdict` takes several values divided by commas; `number` finds a part of one; `from` and `to` are about `startedAt`; `contact` is a contact's id. Orders: {string.Join(", ", AttemptQueries.SortNames)}.");
        attempts.MapGet("/attempts.csv", Csv).WithSummary("All attempts that match, as CSV").Produces<string>(200, "text/csv");
    }

    private static async Task<Ok<RowsPage<AttemptView>>> Page(
        string tenant, string campaign, [AsParameters] RowsQuery query, long? contact, HttpRequest request, IGrainFactory grains,
        AttemptQueries attempts, CancellationToken cancellationToken)
    {
        QueryParameters.CheckNames(request, "state", "verdict", "number", "from", "to", "contact", "sort", "limit", "cursor");
        var (filter, page) = (Filter(query, contact), QueryParameters.Page(query));
        var number = await CampaignAddress.Number(grains, tenant, campaign);
        return TypedResults.Ok(await QueryParameters.ReadAsync(() => attempts.PageAsync(number, filter, page, cancellationToken)));
    }

    private static async Task<IResult> Csv(
        string tenant, string campaign, string? state, string? verdict, string? number, string? from, string? to, long? contact,
        HttpRequest request, IGrainFactory grains, AttemptQueries attempts)
    {
        QueryParameters.CheckNames(request, "state", "verdict", "number", "from", "to", "contact");
        var filter = Filter(new RowsQuery(state, verdict, number, from, to), contact);
        var no = await CampaignAddress.Number(grains, tenant, campaign);
        return CsvDownload.Of($"{campaign}-attempts.csv", Header, attempts.AllAsync(no, filter), Fields);
    }

    private static AttemptFilter Filter(RowsQuery query, long? contact) => new(
        QueryParameters.Names<AttemptState>("state", query.State)?.Distinct().ToArray() is [var only] ? only == AttemptState.Calling : null,
        QueryParameters.Names<Verdict>("verdict", query.Verdict),
        QueryParameters.Digits("number", query.Number),
        QueryParameters.Instant("from", query.From),
        QueryParameters.Instant("to", query.To),
        contact);

    private static string?[] Fields(AttemptView attempt) =>
    [
        attempt.Id.ToString(),
        attempt.ContactId.ToString(CultureInfo.InvariantCulture),
        attempt.Name,
        attempt.Number,
        attempt.Trunk,
        Instant(attempt.StartedAt),
        Instant(attempt.AnsweredAt),
        Instant(attempt.EndedAt),
        attempt.Duration?.ToString("c", CultureInfo.InvariantCulture),
        attempt.Verdict is { } verdict ? CamelCase.ConvertName(verdict.ToString()) : null,
        attempt.Cause?.ToString(CultureInfo.InvariantCulture),
        attempt.Keys,
        attempt.Operator,
    ];

    private static string? Instant(DateTimeOffset? instant) => instant?.ToString("O", CultureInfo.InvariantCulture);
}
