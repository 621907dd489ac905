using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Dialer.Tests.Pages;

/// <summary>Uploads as the REST contract has them, kept in the scripted world: a line without a number is a problem.</summary>
internal static class ScriptedLists
{
    private const string Lists = "/api/v1/tenants/{tenant}/campaigns/{campaign}/lists";

    public static void MapScriptedLists(this WebApplication app, ScriptedWorld world)
    {
        var report = new object();
        app.MapPost(Lists, async ([FromForm] IFormFile file) =>
        {
            using var reader = new StreamReader(file.OpenReadStream());
            var rows = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(';')).ToList();
            var good = rows.Where(row => row[1].Length >= 10).Select(row => (row[0], row[1])).ToList();
            var problems = rows.Index().Where(row => row.Item[1].Length < 10)
                .Select(row => new { line = row.Index + 2, column = "PHONE_NUMBER", reason = $"'{row.Item[1]}' is too short for a number." }).ToList();
            world.Replace(good);
            report = new { id = 7, state = "done", rows = rows.Count, contacts = good.Count, rejected = problems.Count, duplicates = 0, problems };
            return Results.Json(new { id = 7 }, statusCode: StatusCodes.Status202Accepted);
        }).RequireAuthorization().DisableAntiforgery();
        app.MapGet(Lists + "/7", () => Results.Json(report)).RequireAuthorization();
    }
}
