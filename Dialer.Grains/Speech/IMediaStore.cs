namespace Dialer.Grains.Speech;

/// <summary>Where clips are kept for good; the folder of a silo is only a copy.</summary>
public interface IMediaStore
{
    /// <summary>The clip as a WAV file (mono, 8 kHz, 16 bits), or null if there is none with this id.</summary>
    Task<byte[]?> ReadAsync(string id, CancellationToken ct);

    /// <summary>Keeps a clip. Writing one that is there already changes nothing: an id stands for its content.</summary>
    Task WriteAsync(string id, byte[] wav, TimeSpan duration, CancellationToken ct);
}

/// <summary>A piece of audio that is ready to be played.</summary>
/// <param name="Id">32 hexadecimal digits that stand for the content.</param>
/// <param name="Duration">How long it plays.</param>
public sealed record Clip(string Id, TimeSpan Duration);

/// <summary>Where the nodes get audio from.</summary>
public sealed record MediaOptions
{
    /// <summary>The folder of this silo's clips. Asterisk reads it itself where <see cref="BaseUrl"/> is null.</summary>
    public required string Folder { get; init; }

    /// <summary>The address of this silo as nodes on other machines see it, if they get audio by HTTP.</summary>
    public Uri? BaseUrl { get; init; }
}
