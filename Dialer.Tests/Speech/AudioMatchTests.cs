using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Speech;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class AudioMatchTests : IDisposable
{
    private readonly SoundWorkshop _workshop = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _workshop.Dispose();

    [Fact]
    public async Task An_amount_is_found_in_its_recording_and_another_is_not()
    {
        using var library = _workshop.Library();
        var clips = await ClipsAsync(library, -68.27m);
        var recording = Recorded(clips, _ => 100);
        var right = AudioMatch.Score(recording, clips);
        Assert.True(right > 0.8, $"The phrase scored {right:0.000} in its own recording.");
        foreach (var other in new[] { 68.27m, -68.26m, -67.27m, -58.27m, -525.19m, -68m })
        {
            // «68.27» and «-68» are parts of what is said: they are there in order, and are told apart by their neighbours.
            var score = AudioMatch.Score(recording, await ClipsAsync(library, other));
            var isPart = other is 68.27m or -68m;
            Assert.True(isPart ? score > 0.8 : score < right - 0.25, $"{other} scored {score:0.000}, the right amount {right:0.000}.");
        }
    }

    [Fact]
    public async Task Words_in_another_order_are_not_the_same_phrase()
    {
        using var library = _workshop.Library();
        var clips = await ClipsAsync(library, 27.68m);
        var recording = Recorded(clips, _ => 20);
        Assert.True(AudioMatch.Score(recording, clips) > 0.8);
        Assert.True(AudioMatch.Score(recording, [.. clips.Reverse()]) < 0.6);
        Assert.True(AudioMatch.Score(Recorded([.. clips.Skip(1)], _ => 20), clips) < 0.6);
    }

    [Fact]
    public async Task Lost_packets_inside_a_word_leave_it_recognisable()
    {
        using var library = _workshop.Library();
        var clips = await ClipsAsync(library, 1_234.56m);
        var recording = Recorded(clips, i => i * 15).ToList();
        recording.RemoveRange(recording.Count / 2, 160);
        recording.InsertRange(recording.Count / 3, new short[160]);
        var score = AudioMatch.Score([.. recording], clips);
        Assert.True(score > 0.6, $"It scored {score:0.000}.");
    }

    [Fact]
    public async Task Nothing_is_found_in_silence_noise_or_a_recording_that_is_too_short()
    {
        using var library = _workshop.Library();
        var clips = await ClipsAsync(library, 5m);
        Assert.Equal(0, AudioMatch.Score(new short[80_000], clips));
        Assert.Equal(0, AudioMatch.Score(new short[10], clips));
        Assert.True(AudioMatch.Score(Noise(80_000, 3000), clips) < 0.4);
    }

    private static async Task<short[][]> ClipsAsync(MediaLibrary library, decimal amount)
    {
        var phrase = new Phrase(SpokenMoney.Words(amount, Currency.Rub, "ru-RU", SignMode.Say));
        var clips = await library.SpeakAsync(phrase, null, "ru-RU", Ct);
        return await Task.WhenAll(clips.Select(async c => PcmWav.Read(await library.GetWavAsync(c.Id, Ct))));
    }

    /// <summary>As a telephone records it: at half the level, with noise 25 dB below, gaps, and in A-law.</summary>
    private static short[] Recorded(short[][] clips, Func<int, int> gapMilliseconds)
    {
        var sound = new List<short>(new short[5_000]);
        for (var i = 0; i < clips.Length; i++)
        {
            sound.AddRange(clips[i].Select(s => (short)(s / 2)));
            sound.AddRange(new short[gapMilliseconds(i) * 8]);
        }

        sound.AddRange(new short[8_001]);
        var noise = Noise(sound.Count, 160);
        return G711.DecodeALaw(G711.EncodeALaw([.. sound.Zip(noise, (s, n) => (short)(s + n))]));
    }

    private static short[] Noise(int samples, int amplitude)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, samples).Select(_ => (short)random.Next(-amplitude, amplitude + 1))];
    }
}
