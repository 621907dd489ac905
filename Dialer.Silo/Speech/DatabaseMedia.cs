using Dialer.Grains.Speech;
using Dialer.Storage.Speech;

namespace Dialer.Silo.Speech;

/// <summary>Clips in the database, as the media library wants them.</summary>
internal sealed class DatabaseMedia(MediaTable table) : IMediaStore
{
    public Task<byte[]?> ReadAsync(string id, CancellationToken ct) => table.ReadAsync(id, ct);

    public Task WriteAsync(string id, byte[] wav, TimeSpan duration, CancellationToken ct) => table.WriteAsync(id, wav, duration, ct);
}
