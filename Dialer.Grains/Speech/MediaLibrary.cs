using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Dialer.Grains.Speech;

/// <summary>
/// All audio that this silo plays: what is spoken is rendered once, what is uploaded is converted once, and both are
/// kept in the store and in a folder under the hash of what they came from. One instance serves all calls.
/// </summary>
public sealed class MediaLibrary(ISpeechEngine engine, IMediaStore store, MediaOptions options) : IDisposable
{
    // A clip's entry takes some 200 bytes. Free texts (names) have no end, so the memory of them begins anew at times;
    // the files stay.
    private const int MostRemembered = 200_000;

    // 30 minutes of stereo at 48 kHz and 16 bits are 346 million bytes.
    private const long LargestUpload = 400_000_000;

    private static readonly TimeSpan BetweenTrials = TimeSpan.FromSeconds(5);
    private volatile bool _engineFails;
    private string _failingCulture = "";
    private long _lastTrial;
    private readonly ClipFolder _folder = new(options.Folder);
    private readonly ConcurrentDictionary<Saying, Lazy<Task<Clip>>> _spoken = new();
    private readonly ConcurrentDictionary<string, Clip> _present = new(StringComparer.Ordinal);

    // Many new names at once must not start more programs than there are processors: calls are driven by the same ones.
    private readonly SemaphoreSlim _rendering = new(Environment.ProcessorCount);

    /// <summary>Whether the engine can speak nothing at all; see <see cref="TryEngineAgainAsync"/>.</summary>
    public bool EngineFails => _engineFails;

    /// <summary>Finds out whether an engine that failed works again; asked more often than every five seconds, it does nothing.</summary>
    public async Task TryEngineAgainAsync()
    {
        var (last, now) = (Interlocked.Read(ref _lastTrial), TimeProvider.System.GetTimestamp());
        if (_engineFails && TimeProvider.System.GetElapsedTime(last, now) >= BetweenTrials && Interlocked.CompareExchange(ref _lastTrial, now, last) == last)
            _engineFails = !await EngineSpeaksAsync(_failingCulture);
    }

    /// <summary>
    /// The text as a clip, rendered if it never was. A text that was spoken before costs one look into a dictionary.
    /// </summary>
    /// <exception cref="SpeechException">There is nothing to speak.</exception>
    /// <exception cref="SpeechEngineException">The engine is missing, fails, or takes too long.</exception>
    /// <exception cref="AudioException">The engine gave no sound.</exception>
    public Task<Clip> SpeakAsync(string text, string? voice, string culture, CancellationToken ct)
    {
        var saying = new Saying(voice, culture, text);
        return _spoken.TryGetValue(saying, out var known) && known.IsValueCreated && known.Value.IsCompletedSuccessfully
            ? known.Value
            : SpeakFirstAsync(saying, ct);
    }

    /// <summary>All parts of a phrase, in their order.</summary>
    /// <inheritdoc cref="SpeakAsync(string, string?, string, CancellationToken)"/>
    public async Task<IReadOnlyList<Clip>> SpeakAsync(Phrase phrase, string? voice, string culture, CancellationToken ct) =>
        await Task.WhenAll(phrase.Parts.Select(part => SpeakAsync(part, voice, culture, ct)));

    /// <summary>An uploaded file as a clip: WAV, MP3, OGG (Vorbis, Opus) or FLAC of at most 30 minutes.</summary>
    /// <param name="audio">The file.</param>
    /// <param name="contentType">What the sender calls it. Only named in messages: the bytes tell what it is.</param>
    /// <param name="ct">Stops reading and converting.</param>
    /// <exception cref="AudioException">It is not audio, empty, or too long.</exception>
    public async Task<Clip> ImportAsync(Stream audio, string contentType, CancellationToken ct)
    {
        var file = _folder.NewUnfinished();
        try
        {
            await using var copy = new FileStream(file, FileMode.CreateNew, FileAccess.ReadWrite);
            var id = await CopyAsync(audio, copy, ct);
            if (await FindAsync(id, ct) is { } known)
            {
                return known;
            }

            copy.Position = 0;
            var samples = await TelephoneSound.ReadAsync(copy, $"The file that was sent as {contentType}", ct);
            return await KeepAsync(id, SpokenSound.EvenLevel(samples), ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The clip with this id, brought into the folder if it is not there.</summary>
    /// <exception cref="AudioException">There is no such clip.</exception>
    public async Task<Clip> GetAsync(string id, CancellationToken ct) =>
        _present.TryGetValue(Checked(id), out var clip) ? clip : await FindAsync(id, ct) ?? throw Unknown(id);

    /// <summary>The clip as a WAV file (mono, 8 kHz, 16 bits).</summary>
    /// <exception cref="AudioException">There is no such clip.</exception>
    public async Task<byte[]> GetWavAsync(string id, CancellationToken ct)
    {
        await GetAsync(id, ct);
        return await _folder.ReadWavAsync(id, ct);
    }

    /// <summary>What Asterisk is told to play: a file without its ending, or an address.</summary>
    public string MediaUri(string id) => options.BaseUrl is { } url
        ? $"sound:{url.AbsoluteUri.TrimEnd('/')}/media/{Checked(id)}.wav"
        : "sound:" + _folder.PathOf(Checked(id));

    public void Dispose() => _rendering.Dispose();

    private async Task<Clip> SpeakFirstAsync(Saying saying, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(saying.Text))
        {
            throw new SpeechException(SpeechFault.Missing, "The text is empty: there is nothing to speak.");
        }

        if (_spoken.Count >= MostRemembered)
        {
            _spoken.Clear();
        }

        // On the thread pool and without the caller's token: others may wait for the same clip when this caller's grain
        // or call is gone.
        var rendering = _spoken.GetOrAdd(saying, s => new(() => Task.Run(() => RenderAsync(s), CancellationToken.None)));
        return await rendering.Value.WaitAsync(ct);
    }

    private async Task<Clip> RenderAsync(Saying saying)
    {
        try
        {
            var id = IdOf(SHA256.HashData(Encoding.UTF8.GetBytes(
                string.Join('\u001f', engine.Name, saying.Voice ?? "", saying.Culture, saying.Text))));
            if (await FindAsync(id, CancellationToken.None) is { } known)
            {
                return known;
            }

            await _rendering.WaitAsync();
            try
            {
                var rendered = await AskEngineAsync(saying);
                using var audio = new MemoryStream(rendered, writable: false);
                var samples = SpokenSound.TrimSilence(
                    await TelephoneSound.ReadAsync(audio, $"What {engine.Name} made of «{WrittenNumber.Shown(saying.Text)}»", CancellationToken.None));
                return samples.Length > 0
                    ? await KeepAsync(id, SpokenSound.EvenLevel(samples), CancellationToken.None)
                    : throw new AudioException(AudioFault.Empty,
                        $"{engine.Name} made only silence of «{WrittenNumber.Shown(saying.Text)}». Write it with letters of the language of its voice.");
            }
            finally
            {
                _rendering.Release();
            }
        }
        catch
        {
            // The next one who asks tries again: the engine may have been installed since.
            _spoken.TryRemove(saying, out _);
            throw;
        }
    }

    private async Task<byte[]> AskEngineAsync(Saying saying)
    {
        try
        {
            var rendered = await engine.RenderWavAsync(saying.Text, saying.Voice, saying.Culture, CancellationToken.None);
            _engineFails = false;
            return rendered;
        }
        catch (SpeechEngineException)
        {
            // One text or voice that the engine can't do must not stop the calls of all others.
            _failingCulture = saying.Culture;
            _engineFails = !await EngineSpeaksAsync(saying.Culture);
            throw;
        }
    }

    private async Task<bool> EngineSpeaksAsync(string culture)
    {
        try
        {
            await engine.RenderWavAsync("0", voice: null, culture, CancellationToken.None);
            return true;
        }
        catch (SpeechEngineException)
        {
            return false;
        }
    }

    // Stored before it is in the folder: what another silo may be asked for must not be here alone.
    private async Task<Clip> KeepAsync(string id, short[] samples, CancellationToken ct)
    {
        var wav = PcmWav.Write(samples);
        await store.WriteAsync(id, wav, PcmWav.Duration(samples.Length), ct);
        return Remember(await _folder.WriteAsync(id, wav, ct));
    }

    private async Task<Clip?> FindAsync(string id, CancellationToken ct)
    {
        var clip = _folder.Find(id)
            ?? (await store.ReadAsync(id, ct) is { } wav ? await _folder.WriteAsync(id, wav, ct) : null);
        return clip is null ? null : Remember(clip);
    }

    private Clip Remember(Clip clip)
    {
        if (_present.Count >= MostRemembered)
        {
            _present.Clear();
        }

        return _present[clip.Id] = clip;
    }

    private static async Task<string> CopyAsync(Stream from, FileStream to, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81920];
        int read;
        while ((read = await from.ReadAsync(buffer, ct)) > 0)
        {
            if (to.Length + read > LargestUpload)
            {
                throw new AudioException(AudioFault.TooLong,
                    $"The file is larger than {LargestUpload / 1_000_000} MB. Send at most {TelephoneSound.Longest.TotalMinutes:0} minutes, as MP3 or OGG.");
            }

            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), ct);
        }

        await to.FlushAsync(ct);
        return IdOf(hash.GetHashAndReset());
    }

    private static string IdOf(byte[] hash) => Convert.ToHexStringLower(hash)[..32];

    // An id becomes the name of a file.
    private static string Checked(string id) =>
        id.Length == 32 && id.All(char.IsAsciiHexDigitLower) ? id : throw Unknown(id);

    private static AudioException Unknown(string id) =>
        new(AudioFault.Unknown, $"There is no audio with the id «{WrittenNumber.Shown(id)}». Upload it, or have it spoken, again.");

    private readonly record struct Saying(string? Voice, string Culture, string Text);
}
