using CliWrap;
using Dialer.Grains.Speech;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class SoundTests : IDisposable
{
    private readonly SoundWorkshop _workshop = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static short[] EverySample => [.. Enumerable.Range(short.MinValue, 65536).Select(s => (short)s)];

    public void Dispose() => _workshop.Dispose();

    [Theory]
    [InlineData("al")]
    [InlineData("ul")]
    public async Task Every_code_means_the_same_to_sox(string codec)
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(c => (byte)c)];
        var decoded = await SoxAsync(codes, $"-t {codec} -r 8000 -c 1 - -t raw -e signed-integer -b 16 -L -");
        Assert.Equal(PcmWav.Samples(decoded), codec == "al" ? G711.DecodeALaw(codes) : G711.DecodeMuLaw(codes));
    }

    [Theory]
    [InlineData("al")]
    [InlineData("ul")]
    public void Every_sample_is_coded_as_the_nearest_value_there_is(string codec)
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(c => (byte)c)];
        var values = codec == "al" ? G711.DecodeALaw(codes) : G711.DecodeMuLaw(codes);
        Array.Sort(values);
        var samples = EverySample;
        var decoded = codec == "al"
            ? G711.DecodeALaw(G711.EncodeALaw(samples))
            : G711.DecodeMuLaw(G711.EncodeMuLaw(samples));
        for (var i = 0; i < samples.Length; i++)
        {
            var above = Array.BinarySearch(values, samples[i]);
            above = Math.Min(above < 0 ? ~above : above, values.Length - 1);
            var nearest = Math.Min(Math.Abs(values[above] - samples[i]), Math.Abs(values[Math.Max(0, above - 1)] - samples[i]));

            // At the border between two steps the standard's rounding may take the other one: half of the smallest step.
            Assert.InRange(Math.Abs(decoded[i] - samples[i]), nearest, nearest + (Math.Abs((int)samples[i]) >> 4) + 8);
        }
    }

    [Fact]
    public void A_wav_file_reads_back_as_its_samples_and_other_formats_are_refused()
    {
        Assert.Equal(EverySample, PcmWav.Read(PcmWav.Write(EverySample)));
        var stereo = PcmWav.Write(EverySample);
        stereo[22] = 2;
        Assert.Throws<AudioException>(() => PcmWav.Read(stereo));
        Assert.Throws<AudioException>(() => PcmWav.Read("RIFF"u8));
    }

    [Fact]
    public async Task Chunks_that_are_not_sound_are_passed_over()
    {
        var file = await _workshop.MakeAsync("comment.wav", "-r 8000 -c 1 -b 16 --comment plain", "synth 0.5 sine 300");
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        byte[] withChunk = [.. bytes[..36], .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. bytes[36..]];
        Assert.Equal(4000, PcmWav.Read(withChunk).Length);
    }

    [Fact]
    public void Silence_around_a_word_is_trimmed_to_thirty_milliseconds()
    {
        short[] padded = [.. new short[4000], .. SoundWorkshop.Tone(400, 0.5, 10_000), .. new short[8000]];
        Assert.InRange(SpokenSound.TrimSilence(padded).Length, 4000 + 2 * 240 - 40, 4000 + 2 * 240 + 40);
        Assert.Empty(SpokenSound.TrimSilence(new short[8000]));
        Assert.Empty(SpokenSound.TrimSilence([]));
        Assert.Equal(4000, SpokenSound.TrimSilence(SoundWorkshop.Tone(400, 0.5, 10_000)).Length);
    }

    [Fact]
    public void A_level_is_evened_without_clipping_and_silence_is_left_alone()
    {
        short[] click = [.. new short[800], short.MinValue, .. SoundWorkshop.Tone(400, 0.5, 300)];
        var even = SpokenSound.EvenLevel(click);
        Assert.InRange(even.Max(s => Math.Abs((int)s)), 1, 29_300);
        Assert.Equal(new short[100], SpokenSound.EvenLevel(new short[100]));
    }

    [Fact]
    public void A_tone_is_heard_for_as_long_as_it_sounds()
    {
        short[] recording = [.. new short[8000], .. SoundWorkshop.Tone(1000, 1, 5000), .. SoundWorkshop.Tone(400, 1, 5000)];
        var coded = G711.DecodeALaw(G711.EncodeALaw(recording));
        Assert.InRange(ToneMatch.Longest(coded, 1000).TotalSeconds, 0.96, 1.02);
        Assert.InRange(ToneMatch.Longest(coded, 400).TotalSeconds, 0.96, 1.02);
        Assert.Equal(TimeSpan.Zero, ToneMatch.Longest(coded, 700));
        Assert.False(ToneMatch.IsHeard(SoundWorkshop.Tone(1000, 1, 50), 1000, TimeSpan.FromSeconds(0.1)));
    }

    private static async Task<byte[]> SoxAsync(byte[] input, string arguments)
    {
        using var output = new MemoryStream();
        await Cli.Wrap("sox").WithArguments(arguments).WithStandardInputPipe(PipeSource.FromBytes(input))
            .WithStandardOutputPipe(PipeTarget.ToStream(output)).ExecuteAsync(Ct);
        return output.ToArray();
    }
}
