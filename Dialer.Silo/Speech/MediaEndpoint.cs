using Dialer.Grains.Speech;

namespace Dialer.Silo.Speech;

/// <summary>Clips by HTTP, for nodes that share no folder with the silo.</summary>
internal static class MediaEndpoint
{
    /// <summary>A clip never changes: its id is the hash of what it is made from. Without this header Asterisk asks again at each play.</summary>
    private const string ForEver = "public, max-age=31536000, immutable";

    public static void MapDialerMedia(this WebApplication app) =>
        app.MapGet("/media/{id}.wav", async (string id, MediaLibrary media, HttpContext context, CancellationToken cancellationToken) =>
        {
            try
            {
                var wav = await media.GetWavAsync(id, cancellationToken);
                context.Response.Headers.CacheControl = ForEver;
                return Results.Bytes(wav, "audio/wav", entityTag: new($"\"{id}\""));
            }
            catch (AudioException)
            {
                return Results.NotFound();
            }
        });
}
