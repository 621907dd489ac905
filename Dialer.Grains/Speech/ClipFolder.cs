namespace Dialer.Grains.Speech;

/// <summary>
/// A folder with three files for each clip: <c>{id}.wav</c>, <c>.alaw</c> and <c>.ulaw</c>. Each is written beside and
/// then renamed, the WAV last: a crash leaves either the whole clip or none.
/// </summary>
internal sealed class ClipFolder
{
    private const string Unfinished = ".part";
    private readonly string _folder;

    public ClipFolder(string folder)
    {
        _folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(_folder);

        // What a crash left behind. Another process may be writing at this moment, but not since yesterday.
        var yesterday = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var file in Directory.EnumerateFiles(_folder, "*" + Unfinished))
        {
            if (File.GetLastWriteTimeUtc(file) < yesterday)
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>The file of a clip without its ending, as Asterisk wants it.</summary>
    public string PathOf(string id) => Path.Combine(_folder, id);

    /// <summary>A name for a file that nobody reads yet.</summary>
    public string NewUnfinished() => Path.Combine(_folder, Guid.NewGuid().ToString("N") + Unfinished);

    /// <summary>The clip, if all of its files are here in their full length.</summary>
    public Clip? Find(string id)
    {
        var path = PathOf(id);
        var wav = new FileInfo(path + ".wav");
        if (!wav.Exists || wav.Length <= PcmWav.HeaderBytes)
        {
            return null;
        }

        var samples = (wav.Length - PcmWav.HeaderBytes) / 2;
        return IsWhole(path + ".alaw", samples) && IsWhole(path + ".ulaw", samples)
            ? new(id, PcmWav.Duration(samples))
            : null;
    }

    public async Task<Clip> WriteAsync(string id, byte[] wav, CancellationToken ct)
    {
        var samples = PcmWav.Read(wav);
        var path = PathOf(id);
        await WriteFileAsync(path + ".alaw", G711.EncodeALaw(samples), ct);
        await WriteFileAsync(path + ".ulaw", G711.EncodeMuLaw(samples), ct);
        await WriteFileAsync(path + ".wav", wav, ct);
        return new(id, PcmWav.Duration(samples.Length));
    }

    public Task<byte[]> ReadWavAsync(string id, CancellationToken ct) => File.ReadAllBytesAsync(PathOf(id) + ".wav", ct);

    private static bool IsWhole(string file, long length) => new FileInfo(file) is { Exists: true } f && f.Length == length;

    private async Task WriteFileAsync(string file, byte[] bytes, CancellationToken ct)
    {
        var unfinished = NewUnfinished();
        try
        {
            await File.WriteAllBytesAsync(unfinished, bytes, ct);
            File.Move(unfinished, file, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
