using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Speech;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class MediaLibraryTests : IDisposable
{
    private readonly SoundWorkshop _workshop = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _workshop.Dispose();

    [Fact]
    public async Task A_spoken_word_is_trimmed_and_has_the_level_of_the_telephone()
    {
        using var library = _workshop.Library();
        foreach (var (word, culture) in new[] { ("рублей", "ru-RU"), ("шестьдесят", "ru-RU"), ("dollars", "en-US") })
        {
            var clip = await library.SpeakAsync(word, null, culture, Ct);
            var samples = PcmWav.Read(await library.GetWavAsync(clip.Id, Ct));
            Assert.Equal(PcmWav.Duration(samples.Length), clip.Duration);
            Assert.InRange(clip.Duration.TotalSeconds, 0.25, 1.2);
            Assert.InRange(SoundWorkshop.Decibels(SpokenSound.SpokenLevel(samples)), -23, -19);
            Assert.InRange(Array.FindIndex(samples, s => Math.Abs((int)s) > 100) / 8.0, 0, 60);
            Assert.InRange((samples.Length - Array.FindLastIndex(samples, s => Math.Abs((int)s) > 100)) / 8.0, 0, 60);
        }
    }

    [Fact]
    public async Task The_same_word_asked_for_at_once_by_many_is_rendered_once()
    {
        var gate = new TaskCompletionSource();
        var engine = new WatchedEngine(gate.Task);
        using var library = _workshop.Library(engine);
        var asked = Enumerable.Range(0, 50).Select(_ => library.SpeakAsync("пять", null, "ru", Ct)).ToList();
        gate.SetResult();
        var clips = await Task.WhenAll(asked);
        Assert.Single(clips.Distinct());
        Assert.Equal(1, engine.Renders);
    }

    [Fact]
    public async Task A_word_that_is_known_costs_no_more_than_a_look_into_a_dictionary()
    {
        using var library = _workshop.Library();
        await library.SpeakAsync("пять", null, "ru", Ct);
        var first = library.SpeakAsync("пять", null, "ru", Ct);
        Assert.True(first.IsCompletedSuccessfully);
        Assert.Same(first, library.SpeakAsync("пять", null, "ru", Ct));
    }

    [Fact]
    public async Task Voice_language_and_text_each_make_another_clip()
    {
        using var library = _workshop.Library();
        var clips = await Task.WhenAll(
            library.SpeakAsync("one", null, "en", Ct), library.SpeakAsync("one", "en-gb", "en", Ct),
            library.SpeakAsync("one", null, "ru", Ct), library.SpeakAsync("two", null, "en", Ct));
        Assert.Equal(4, clips.Select(c => c.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_clip_is_found_again_in_the_folder_and_in_the_store_without_rendering()
    {
        using var first = _workshop.Library();
        var clip = await first.SpeakAsync("семь", null, "ru", Ct);

        var engine = new WatchedEngine();
        using var sameFolder = _workshop.Library(engine);
        Assert.Equal(clip, await sameFolder.SpeakAsync("семь", null, "ru", Ct));
        using var otherMachine = _workshop.Library(engine, "other");
        Assert.Equal(clip, await otherMachine.GetAsync(clip.Id, Ct));
        Assert.Equal(clip, await otherMachine.SpeakAsync("семь", null, "ru", Ct));
        Assert.Equal(0, engine.Renders);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(_workshop.Folder, "other"), clip.Id + ".*").Length);
    }

    [Fact]
    public async Task A_clip_is_there_in_the_codecs_of_the_line_too()
    {
        using var library = _workshop.Library();
        var clip = await library.SpeakAsync("восемь", null, "ru", Ct);
        var path = library.MediaUri(clip.Id)["sound:".Length..];
        Assert.Equal(Path.Combine(_workshop.Folder, "clips", clip.Id), path);
        var linear = PcmWav.Read(await File.ReadAllBytesAsync(path + ".wav", Ct));
        Assert.InRange(AudioMatch.Score(G711.DecodeALaw(await File.ReadAllBytesAsync(path + ".alaw", Ct)), [linear]), 0.99, 1);
        Assert.InRange(AudioMatch.Score(G711.DecodeMuLaw(await File.ReadAllBytesAsync(path + ".ulaw", Ct)), [linear]), 0.99, 1);
    }

    [Fact]
    public async Task A_clip_that_lost_a_file_or_a_part_of_one_is_made_whole_from_the_store()
    {
        using var library = _workshop.Library();
        var clip = await library.SpeakAsync("девять", null, "ru", Ct);
        var path = library.MediaUri(clip.Id)["sound:".Length..];
        var whole = await File.ReadAllBytesAsync(path + ".alaw", Ct);
        await File.WriteAllBytesAsync(path + ".alaw", whole[..10], Ct);

        using var restarted = _workshop.Library(new WatchedEngine());
        Assert.Equal(clip, await restarted.GetAsync(clip.Id, Ct));
        Assert.Equal(whole, await File.ReadAllBytesAsync(path + ".alaw", Ct));
        Assert.Empty(Directory.GetFiles(Path.Combine(_workshop.Folder, "clips"), "*.part"));
    }

    [Fact]
    public void What_a_crash_left_half_written_is_cleared_away_a_day_later()
    {
        var clips = Directory.CreateDirectory(Path.Combine(_workshop.Folder, "clips")).FullName;
        var old = Path.Combine(clips, "old.part");
        var young = Path.Combine(clips, "young.part");
        File.WriteAllBytes(old, [1]);
        File.WriteAllBytes(young, [1]);
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(young).AddDays(-2));
        using var library = _workshop.Library();
        Assert.Equal([young], Directory.GetFiles(clips));
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_take_the_clip_from_the_others()
    {
        var gate = new TaskCompletionSource();
        using var library = _workshop.Library(new WatchedEngine(gate.Task));
        using var gaveUp = new CancellationTokenSource();
        var first = library.SpeakAsync("десять", null, "ru", gaveUp.Token);
        var second = library.SpeakAsync("десять", null, "ru", Ct);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.True((await second).Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_word_that_failed_is_tried_again()
    {
        var gate = new TaskCompletionSource();
        var engine = new WatchedEngine(gate.Task);
        using var library = _workshop.Library(engine);
        gate.SetException(new SpeechEngineException("out of order"));
        await Assert.ThrowsAsync<SpeechEngineException>(() => library.SpeakAsync("сто", null, "ru", Ct));
        await Assert.ThrowsAsync<SpeechEngineException>(() => library.SpeakAsync("сто", null, "ru", Ct));
        // After each failure the engine is asked for a word of its own.
        Assert.Equal(4, engine.Renders);
        Assert.True(library.EngineFails);
        Assert.Empty(_workshop.Store.Clips);
    }

    [Fact]
    public async Task One_text_that_the_engine_cannot_do_is_not_an_engine_that_fails()
    {
        var engine = new Dialer.Tests.Calls.ToneEngine { Fails = text => text == "сто" };
        using var library = _workshop.Library(engine);
        await Assert.ThrowsAsync<SpeechEngineException>(() => library.SpeakAsync("сто", null, "ru", Ct));
        Assert.False(library.EngineFails);
        engine.Fails = _ => true;
        await Assert.ThrowsAsync<SpeechEngineException>(() => library.SpeakAsync("сто", null, "ru", Ct));
        Assert.True(library.EngineFails);
        engine.Fails = _ => false;
        await library.TryEngineAgainAsync();
        Assert.False(library.EngineFails);
    }

    [Fact]
    public async Task A_phrase_is_spoken_part_by_part_in_its_order()
    {
        using var library = _workshop.Library();
        var words = SpokenMoney.Words(-2.02m, Currency.Rub, "ru", SignMode.Say);
        var clips = await library.SpeakAsync(new Phrase(words), null, "ru", Ct);
        Assert.Equal(words.Count, clips.Count);
        for (var i = 0; i < words.Count; i++)
        {
            Assert.Equal(await library.SpeakAsync(words[i], null, "ru", Ct), clips[i]);
        }
    }

    [Fact]
    public void Nodes_elsewhere_get_clips_by_http()
    {
        using var library = new MediaLibrary(new EspeakEngine(new()), _workshop.Store,
            new() { Folder = _workshop.Folder, BaseUrl = new("http://127.0.0.1:8080/") });
        var id = new string('a', 32);
        Assert.Equal($"sound:http://127.0.0.1:8080/media/{id}.wav", library.MediaUri(id));
    }

    [Theory]
    [InlineData("../../../../../../../etc/passwd")]
    [InlineData("")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("00000000000000000000000000000000")]
    public async Task An_id_that_is_none_is_unknown(string id)
    {
        using var library = _workshop.Library();
        Assert.Equal(AudioFault.Unknown, (await Assert.ThrowsAsync<AudioException>(() => library.GetAsync(id, Ct))).Fault);
    }

    [Fact]
    public async Task A_text_without_anything_to_speak_is_refused()
    {
        using var library = _workshop.Library();
        await Assert.ThrowsAsync<SpeechException>(() => library.SpeakAsync(" ", null, "ru", Ct));
        Assert.Equal(AudioFault.Empty,
            (await Assert.ThrowsAsync<AudioException>(() => library.SpeakAsync("…", null, "ru", Ct))).Fault);
    }
}
