using System.Text;
using CliWrap;
using Dialer.Grains.Speech;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class ImportTests : IDisposable
{
    private readonly SoundWorkshop _workshop = new();
    private readonly MediaLibrary _library;

    public ImportTests() => _library = _workshop.Library();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _library.Dispose();
        _workshop.Dispose();
    }

    [Theory]
    [InlineData("tone.wav", "-r 44100 -c 2 -b 24", "audio/wav")]
    [InlineData("tone.mp3", "-r 44100 -c 2", "audio/mpeg")]
    [InlineData("tone.ogg", "-r 48000 -c 1", "audio/ogg")]
    [InlineData("tone.flac", "-r 16000 -c 1", "application/octet-stream")]
    public async Task An_upload_becomes_telephone_sound(string name, string format, string contentType)
    {
        var file = await _workshop.MakeAsync(name, format, "synth 2 sine 1000 gain -12");
        await AssertToneAsync(file, contentType);
    }

    [Fact]
    public async Task An_opus_upload_becomes_telephone_sound()
    {
        var wav = await _workshop.MakeAsync("tone.wav", "-r 48000 -c 2 -b 16", "synth 2 sine 1000 gain -12");
        var opus = Path.Combine(_workshop.Folder, "tone.opus");
        await Cli.Wrap("opusenc").WithArguments(["--quiet", wav, opus]).ExecuteAsync(Ct);
        await AssertToneAsync(opus, "audio/ogg");
    }

    [Fact]
    public async Task The_same_file_is_converted_once()
    {
        var file = await _workshop.MakeAsync("tone.wav", "-r 8000 -c 1", "synth 1 sine 500");
        var first = await ImportAsync(await File.ReadAllBytesAsync(file, Ct));
        Assert.Equal(first, await ImportAsync(await File.ReadAllBytesAsync(file, Ct)));
        Assert.Single(_workshop.Store.Clips);
    }

    [Fact]
    public async Task A_soft_recording_is_raised_and_a_loud_one_lowered()
    {
        foreach (var gain in new[] { "-30", "0" })
        {
            var file = await _workshop.MakeAsync($"tone{gain}.wav", "-r 16000 -c 1", $"synth 1 sine 440 gain {gain}");
            var clip = await ImportAsync(await File.ReadAllBytesAsync(file, Ct));
            var samples = PcmWav.Read(await _library.GetWavAsync(clip.Id, Ct));
            Assert.InRange(SoundWorkshop.Decibels(SpokenSound.SpokenLevel(samples)), -21, -19);
        }
    }

    [Fact]
    public async Task An_empty_upload_is_refused() => await AssertRefusedAsync([], AudioFault.Empty, "empty");

    [Fact]
    public async Task A_wav_file_without_sound_in_it_is_refused() =>
        await AssertRefusedAsync(PcmWav.Write([]), AudioFault.Empty, "no sound");

    [Theory]
    [InlineData("Здравствуйте, это не звук")]
    [InlineData("<!DOCTYPE html><html></html>")]
    [InlineData("OggS and nothing that belongs to it")]
    [InlineData("RIFF0000AVI LIST")]
    public async Task What_is_not_audio_is_refused(string content) =>
        await AssertRefusedAsync(Encoding.UTF8.GetBytes(content), AudioFault.NotAudio, "Save it as WAV, MP3 or OGG");

    [Theory]
    [InlineData("fLaC")]
    [InlineData("RIFF0000WAVEfmt ")]
    [InlineData("OggS0000\u0001vorbis")]
    public async Task What_only_begins_like_audio_is_refused(string head) =>
        await AssertRefusedAsync([.. Encoding.ASCII.GetBytes(head), .. new byte[5000]], AudioFault.NotAudio, "cannot be read");

    [Theory]
    [InlineData("ID3")]
    [InlineData("OggS0000OpusHead")]
    public async Task What_holds_no_sound_behind_a_good_beginning_is_refused(string head)
    {
        var refused = await Assert.ThrowsAsync<AudioException>(
            () => ImportAsync([.. Encoding.ASCII.GetBytes(head), .. new byte[5000]]));
        Assert.True(refused.Fault is AudioFault.NotAudio or AudioFault.Empty, refused.Message);
        Assert.Empty(_workshop.Store.Clips);
    }

    [Fact]
    public async Task More_than_half_an_hour_is_refused_and_half_an_hour_is_not()
    {
        var half = new short[30 * 60 * PcmWav.SampleRate];
        await AssertRefusedAsync(PcmWav.Write([.. half, .. new short[800]]), AudioFault.TooLong, "longer than 30 minutes");
        Assert.Equal(TimeSpan.FromMinutes(30), (await ImportAsync(PcmWav.Write(half))).Duration);
    }

    private async Task AssertToneAsync(string file, string contentType)
    {
        await using var stream = File.OpenRead(file);
        var clip = await _library.ImportAsync(stream, contentType, Ct);
        var samples = PcmWav.Read(await _library.GetWavAsync(clip.Id, Ct));
        Assert.InRange(clip.Duration.TotalSeconds, 1.98, 2.1);
        Assert.InRange(ToneMatch.Longest(samples, 1000).TotalSeconds, 1.9, 2.1);
        Assert.InRange(SoundWorkshop.Decibels(SpokenSound.SpokenLevel(samples)), -21, -19);
    }

    private async Task AssertRefusedAsync(byte[] file, AudioFault fault, string why)
    {
        var refused = await Assert.ThrowsAsync<AudioException>(() => ImportAsync(file));
        Assert.Equal(fault, refused.Fault);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains("audio/wav", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_workshop.Store.Clips);
        Assert.Empty(Directory.GetFiles(Path.Combine(_workshop.Folder, "clips")));
    }

    private async Task<Clip> ImportAsync(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return await _library.ImportAsync(stream, "audio/wav", Ct);
    }
}
