using System.Globalization;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Contacts;
using Dialer.Web.Campaigns;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;
using static System.Text.Json.JsonNamingPolicy;

namespace Dialer.Web.Contacts;

internal static class ContactEndpoints
{
    private static readonly string[] Header = ["id", "name", "numbers", "variables", "state", "attempts", "nextDueAt", "lastVerdict"];

    public static void MapContacts(this RouteGroupBuilder campaign)
    {
        var contacts = campaign.MapGroup("").WithTags("Contacts");
        contacts.MapGet("/contacts", Page).WithSummary("Contacts, page by page")
            .WithDescription($"`state` and `verdict` (of the last attempt) take several values divided by commas; `number` finds a part of one; `from` and `to` are about `nextDueAt`. Orders: {string.Join(", ", ContactQueries.SortNames)}.");
        contacts.MapGet("/contacts.csv", Csv).WithSummary("All contacts that match, as CSV").Produces<string>(200, "text/csv");
        contacts.MapGet("/contacts/{id:long}", Get).WithSummary("One contact");
    }

    private static async Task<Ok<RowsPage<ContactView>>> Page(
        string tenant, string campaign, [AsParameters] RowsQuery query, HttpRequest request, IGrainFactory grains, ContactQueries contacts,
        CancellationToken cancellationToken)
    {
        QueryParameters.CheckNames(request, "state", "verdict", "number", "from", "to", "sort", "limit", "cursor");
        var (filter, page) = (Filter(query), QueryParameters.Page(query));
        var number = await CampaignAddress.Number(grains, tenant, campaign);
        return TypedResults.Ok(await QueryParameters.ReadAsync(() => contacts.PageAsync(number, filter, page, cancellationToken)));
    }

    private static async Task<IResult> Csv(
        string tenant, string campaign, string? state, string? verdict, string? number, string? from, string? to, HttpRequest request,
        IGrainFactory grains, ContactQueries contacts)
    {
        QueryParameters.CheckNames(request, "state", "verdict", "number", "from", "to");
        var filter = Filter(new RowsQuery(state, verdict, number, from, to));
        var no = await CampaignAddress.Number(grains, tenant, campaign);
        return CsvDownload.Of($"{campaign}-contacts.csv", Header, contacts.AllAsync(no, filter), Fields);
    }

    private static async Task<Ok<ContactView>> Get(
        string tenant, string campaign, long id, IGrainFactory grains, ContactQueries contacts, CancellationToken cancellationToken)
    {
        var number = await CampaignAddress.Number(grains, tenant, campaign);
        var contact = await contacts.FindAsync(number, id, cancellationToken);
        return TypedResults.Ok(Answers.Found(contact, "contact", id.ToString(CultureInfo.InvariantCulture)));
    }

    private static ContactFilter Filter(RowsQuery query) => new(
        QueryParameters.Names<ContactState>("state", query.State),
        QueryParameters.Names<Verdict>("verdict", query.Verdict),
        QueryParameters.Digits("number", query.Number),
        QueryParameters.Instant("from", query.From),
        QueryParameters.Instant("to", query.To));

    private static string?[] Fields(ContactView contact) =>
    [
        contact.Id.ToString(CultureInfo.InvariantCulture),
        contact.Name,
        string.Join(';', contact.Numbers),
        string.Join(';', contact.Variables.Select(variable => $"{variable.Key}={variable.Value}")),
        CamelCase.ConvertName(contact.State.ToString()),
        contact.Attempts.ToString(CultureInfo.InvariantCulture),
        contact.NextDueAt?.ToString("O", CultureInfo.InvariantCulture),
        contact.LastVerdict is { } verdict ? CamelCase.ConvertName(verdict.ToString()) : null,
    ];
}
