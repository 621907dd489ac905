using System.Globalization;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Storage.Contacts.Lists;
using Dialer.Web.Campaigns;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Dialer.Web.Contacts;

internal static class ListEndpoints
{
    private const int FirstProblems = 100;
    private const int NewestLists = 1000;

    private static readonly string[] ProblemHeader = ["line", "column", "reason", "found", "severity"];

    public static void MapLists(this RouteGroupBuilder campaign)
    {
        var lists = campaign.MapGroup("/lists").WithTags("Lists");
        lists.MapGet("/", List).WithSummary("The campaign's uploads, the newest first");
        lists.MapPost("/", Upload).WithSummary("Uploads a list: the CSV as body, or multipart with the part 'file'; any size")
            .WithDescription("`mode` is replace (the default: who is not in it is withdrawn) or add. The answer comes when the file was read; a file that is no list at all is refused as a whole (400), and so is any that the database does not take (503), each with its `id`.")
            .Accepts<string>("text/csv", "multipart/form-data", "application/csv", "text/plain", "application/vnd.ms-excel", "application/octet-stream")
            .WithMetadata(new DisableRequestSizeLimitAttribute());
        lists.MapGet("/{id:long}", Get).WithSummary("One upload with its first 100 problems");
        lists.MapGet("/{id:long}/problems.csv", Problems).WithSummary("All problems of an upload, as CSV").Produces<string>(200, "text/csv");
    }

    private static async Task<IReadOnlyList<ListView>> List(
        string tenant, string campaign, IGrainFactory grains, ListQueries lists, CancellationToken cancellationToken)
    {
        var number = await CampaignAddress.Number(grains, tenant, campaign);
        return [.. (await lists.ListAsync(number, NewestLists, cancellationToken)).Select(ListView.Of)];
    }

    private static async Task<Accepted<AcceptedList>> Upload(
        string tenant, string campaign, string? mode, HttpContext context, IGrainFactory grains, ListQueries lists, ListImporter importer,
        CancellationToken cancellationToken)
    {
        QueryParameters.CheckNames(context.Request, "mode");
        var modes = QueryParameters.Names<ListMode>("mode", mode) ?? [ListMode.Replace];
        if (modes.Count > 1)
            throw RefusedException.Invalid("mode", "'mode' is either replace or add.");
        var grain = await CampaignAddress.Existing(grains, tenant, campaign);
        var number = await grain.Number();
        var (culture, spoken) = await Spoken(grains, tenant, grain);
        var file = await UploadedFile.OpenAsync(context, cancellationToken);

        var id = await lists.BeginAsync(number, modes[0], file.Name, cancellationToken);
        var result = await importer.ImportAsync(
            // A client that goes away once the list is in force must not keep the campaign from learning so.
            new ListImportRequest(tenant, campaign, number, id, modes[0], culture, spoken) { InForce = grain.ContactsChanged },
            file.Content, cancellationToken);
        if (result.Failure is { } failure)
            throw new ListRefusedException(id, failure);
        return TypedResults.Accepted($"{context.Request.Path}/{id}", new AcceptedList(id));
    }

    private static async Task<Ok<ListViewWithProblems>> Get(
        string tenant, string campaign, long id, IGrainFactory grains, ListQueries lists, CancellationToken cancellationToken)
    {
        var number = await CampaignAddress.Number(grains, tenant, campaign);
        var list = await lists.FindAsync(number, id, FirstProblems, cancellationToken);
        return TypedResults.Ok(new ListViewWithProblems(Answers.Found(list, "list", Text(id))));
    }

    private static async Task<IResult> Problems(
        string tenant, string campaign, long id, IGrainFactory grains, ListQueries lists, CancellationToken cancellationToken)
    {
        var number = await CampaignAddress.Number(grains, tenant, campaign);
        Answers.Found(await lists.FindAsync(number, id, 0, cancellationToken), "list", Text(id));
        return CsvDownload.Of(
            $"{campaign}-list-{Text(id)}-problems.csv", ProblemHeader, lists.ProblemsAsync(number, id, null, cancellationToken), Fields);
    }

    private static async Task<(CultureInfo Culture, IReadOnlyDictionary<string, SpokenVariable> Spoken)> Spoken(
        IGrainFactory grains, string tenant, ICampaignGrain campaign)
    {
        var settings = await campaign.Get();
        var owner = await grains.GetGrain<ITenantGrain>(tenant).Get();
        if (settings is null || owner is null)
            throw RefusedException.NotFound("The campaign was removed at this moment.");
        var spoken = await grains.GetGrain<IDialPlanGrain>(tenant).SpokenVariables(settings.Entry);
        return (CultureInfo.GetCultureInfo(owner.Culture), spoken.ToDictionary(pair => pair.Key, pair => Kind(pair.Value), StringComparer.Ordinal));
    }

    private static SpokenVariable Kind(SayType type) => type switch
    {
        SayType.Money => SpokenVariable.Money,
        SayType.Number => SpokenVariable.Number,
        SayType.Digits => SpokenVariable.Digits,
        SayType.Date => SpokenVariable.Date,
        SayType.Time => SpokenVariable.Time,
        _ => SpokenVariable.Text,
    };

    private static string?[] Fields(ListProblem problem) =>
    [
        Text(problem.Line), problem.Column, problem.Reason, problem.Found, System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(problem.Severity.ToString()),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An upload that failed.</summary>
internal sealed class ListRefusedException(long id, ListFailure failure) : Exception(failure.Reason)
{
    /// <summary>What was at fault.</summary>
    public ListFault Fault { get; } = failure.Fault;

    /// <summary>The upload's id: its problems can be read.</summary>
    public long Id { get; } = id;
}
