using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Dialer.Web.Speech;

/// <summary>A text to be spoken.</summary>
/// <param name="Text">What is said.</param>
/// <param name="Voice">A voice of the speech engine; null for the language's own.</param>
public sealed record SpokenAudio(string Text, string? Voice = null);

internal static class AudioEndpoints
{
    private const int MaxUpload = 50 * 1024 * 1024;
    private const string Wav = "audio/wav";

    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [Wav] = Wav,
        ["audio/x-wav"] = Wav,
        ["audio/wave"] = Wav,
        ["audio/vnd.wave"] = Wav,
        ["audio/mpeg"] = "audio/mpeg",
        ["audio/mp3"] = "audio/mpeg",
        ["audio/ogg"] = "audio/ogg",
        ["application/ogg"] = "audio/ogg",
    };

    public static void MapAudio(this RouteGroupBuilder tenant)
    {
        var audio = tenant.MapGroup("/audio").WithTags("Audio");
        audio.MapGet("/", List).WithSummary("All audio of the tenant");
        audio.MapGet("/{id}", Get).WithSummary("The WAV; with 'Accept: application/json' what is known about it")
            .Produces<byte[]>(StatusCodes.Status200OK, Wav).Produces<AudioInfo>();
        audio.MapPut("/{id}", Put).WithSummary("Stores a WAV, MP3 or OGG file (up to 50 MB), or has a text spoken (JSON)")
            .Accepts<SpokenAudio>("application/json", [.. ContentTypes.Keys])
            .WithMetadata(new RequestSizeLimitAttribute(MaxUpload));
        audio.MapDelete("/{id}", Delete).WithSummary("Removes audio that no extension plays");
    }

    private static Task<IReadOnlyList<AudioInfo>> List(string tenant, IGrainFactory grains) => grains.GetGrain<ITenantGrain>(tenant).Audio();

    private static async Task<IResult> Get(string tenant, string id, HttpContext context, IGrainFactory grains)
    {
        var info = Answers.Found(await Find(tenant, id, grains), "audio", id);
        if (WantsJson(context.Request))
            return TypedResults.Ok(info);
        var wav = await grains.GetGrain<ITenantGrain>(tenant).GetAudio(id);
        return TypedResults.Bytes(Answers.Found(wav, "audio", id), Wav, enableRangeProcessing: true);
    }

    private static async Task<Results<Ok<AudioInfo>, Created<AudioInfo>>> Put(
        string tenant, string id, HttpContext context, IGrainFactory grains)
    {
        var existed = await Find(tenant, id, grains) is not null;
        var grain = grains.GetGrain<ITenantGrain>(tenant);
        if (context.Request.HasJsonContentType())
        {
            var spoken = await JsonBody.ReadAsync<SpokenAudio>(context);
            return Answers.Put(context, existed, await grain.PutAudioText(id, spoken.Text, spoken.Voice));
        }

        var sent = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.Value ?? "" : "";
        if (!ContentTypes.TryGetValue(sent, out var contentType))
        {
            throw new BadHttpRequestException(
                $"Audio is expected as audio/wav, audio/mpeg or audio/ogg, or as JSON with a text to be spoken; the header Content-Type says '{sent}'.",
                StatusCodes.Status415UnsupportedMediaType);
        }

        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted);
        if (content.Length == 0)
            throw RefusedException.Invalid("body", "The body is empty; send the file as the body of the request.");
        return Answers.Put(context, existed, await grain.PutAudioFile(id, contentType, content.ToArray()));
    }

    private static async Task<NoContent> Delete(string tenant, string id, IGrainFactory grains)
    {
        Answers.Found(await Find(tenant, id, grains), "audio", id);
        await grains.GetGrain<ITenantGrain>(tenant).DeleteAudio(id);
        return TypedResults.NoContent();
    }

    // Sound unless JSON is asked for by name: browsers and curl say that they take anything.
    private static bool WantsJson(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    private static async Task<AudioInfo?> Find(string tenant, string id, IGrainFactory grains)
    {
        Keys.CheckId(id, "id");
        return (await grains.GetGrain<ITenantGrain>(tenant).Audio()).FirstOrDefault(info => info.Id == id);
    }
}
