using System.Collections.Concurrent;
using CliWrap;
using Dialer.Grains.Speech;

namespace Dialer.Tests.Speech;

/// <summary>A folder of its own for each test, and sounds made by the real sox and espeak-ng.</summary>
public sealed class SoundWorkshop : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("dialer-speech-").FullName;

    public MemoryMediaStore Store { get; } = new();

    public MediaLibrary Library(ISpeechEngine? engine = null, string folder = "clips") =>
        new(engine ?? new EspeakEngine(new()), Store, new() { Folder = Path.Combine(Folder, folder) });

    /// <summary>A file made by sox: <c>-n</c> as input and these arguments behind it.</summary>
    public async Task<string> MakeAsync(string name, string format, string effects)
    {
        var file = Path.Combine(Folder, name);
        await Cli.Wrap("sox").WithArguments($"-n {format} {file} {effects}").ExecuteAsync();
        return file;
    }

    public static double Decibels(double level) => 20 * Math.Log10(level / short.MaxValue);

    public static short[] Tone(double hertz, double seconds, double amplitude)
    {
        var tone = new short[(int)(seconds * PcmWav.SampleRate)];
        for (var i = 0; i < tone.Length; i++)
        {
            tone[i] = (short)(amplitude * Math.Sin(2 * Math.PI * hertz * i / PcmWav.SampleRate));
        }

        return tone;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>A store that forgets with the test.</summary>
public sealed class MemoryMediaStore : IMediaStore
{
    public ConcurrentDictionary<string, byte[]> Clips { get; } = new(StringComparer.Ordinal);

    public Task<byte[]?> ReadAsync(string id, CancellationToken ct) => Task.FromResult(Clips.GetValueOrDefault(id));

    public Task WriteAsync(string id, byte[] wav, TimeSpan duration, CancellationToken ct)
    {
        Clips[id] = wav;
        return Task.CompletedTask;
    }
}

/// <summary>An engine that counts, and waits at a gate before it hands on to the real one.</summary>
public sealed class WatchedEngine(Task gate) : ISpeechEngine
{
    private readonly EspeakEngine _engine = new(new());
    private int _renders;

    public WatchedEngine()
        : this(Task.CompletedTask)
    {
    }

    public int Renders => _renders;

    public string Name => _engine.Name;

    public async Task<byte[]> RenderWavAsync(string text, string? voice, string culture, CancellationToken ct)
    {
        Interlocked.Increment(ref _renders);
        await gate;
        return await _engine.RenderWavAsync(text, voice, culture, ct);
    }
}
