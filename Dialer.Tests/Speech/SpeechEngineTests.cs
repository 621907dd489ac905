using Dialer.Grains.Speech;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Dialer.Tests.Speech;

public sealed class SpeechEngineTests : IDisposable
{
    private readonly SoundWorkshop _workshop = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _workshop.Dispose();

    [Fact]
    public async Task A_missing_program_is_named_with_what_to_install()
    {
        var failed = await Assert.ThrowsAsync<SpeechEngineException>(
            () => new EspeakEngine(new(), "espeak-that-is-not-there").RenderWavAsync("раз", null, "ru", Ct));
        Assert.Contains("espeak-that-is-not-there", failed.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install espeak-ng", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_voice_that_does_not_exist_is_named()
    {
        var failed = await Assert.ThrowsAsync<SpeechEngineException>(
            () => new EspeakEngine(new()).RenderWavAsync("раз", "nobody", "ru", Ct));
        Assert.Contains("nobody", failed.Message, StringComparison.Ordinal);
        Assert.Contains("--voices", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("-q")]
    [InlineData("")]
    [InlineData("ru;reboot")]
    public async Task A_voice_that_is_no_name_is_refused(string voice) =>
        Assert.Contains("not the name of a voice",
            (await Assert.ThrowsAsync<SpeechEngineException>(() => new EspeakEngine(new()).RenderWavAsync("раз", voice, "ru", Ct))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Text_in_double_brackets_is_spoken_as_text()
    {
        using var library = _workshop.Library();
        var plain = await library.SpeakAsync("one two three four", null, "en", Ct);
        var bracketed = await library.SpeakAsync("[[one two three four]]", null, "en", Ct);
        var score = AudioMatch.Score(
            PcmWav.Read(await library.GetWavAsync(bracketed.Id, Ct)), [PcmWav.Read(await library.GetWavAsync(plain.Id, Ct))]);
        Assert.True(score > 0.8, $"«one two three four» scored {score:0.000} in its recording with brackets.");
    }

    [Theory]
    [InlineData("espeak-ng -v {voice} -w {out} {text}")]
    [InlineData("espeak-ng -v {voice} --stdin --stdout")]
    [InlineData("sh -c \"cat > /dev/null; espeak-ng -v {voice} -w {out} один\"")]
    public async Task Any_program_can_speak(string command)
    {
        using var library = _workshop.Library(new ExternalProgramEngine(new() { Command = command }));
        var clip = await library.SpeakAsync("один", null, "ru", Ct);
        Assert.InRange(clip.Duration.TotalSeconds, 0.25, 1);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("false", true)]
    public async Task The_file_that_a_program_wrote_is_deleted(string then, bool fails)
    {
        // Not all files like it: other tests on this machine make some, too.
        var named = Path.Combine(_workshop.Folder, "named");
        var engine = new ExternalProgramEngine(new() { Command = $"sh -c \"cat > /dev/null; echo {{out}} > {named}; espeak-ng -v {{voice}} -w {{out}} один && {then}\"" });
        var failure = await Record.ExceptionAsync(() => engine.RenderWavAsync("один", null, "ru", Ct));
        Assert.Equal(fails, failure is SpeechEngineException);
        var file = (await File.ReadAllTextAsync(named, Ct)).Trim();
        Assert.EndsWith(".wav", file, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task A_text_adds_no_argument_to_a_program()
    {
        var marker = Path.Combine(_workshop.Folder, "marker");
        var engine = new ExternalProgramEngine(new() { Command = "espeak-ng -v {voice} --stdout -- {text}" });
        await engine.RenderWavAsync($"раз\" -w {marker} $(touch {marker})", null, "ru", Ct);
        Assert.False(File.Exists(marker));
    }

    [Theory]
    [InlineData("true {out}", "wrote no file")]
    [InlineData("false", "exit code 1")]
    [InlineData("program-that-is-not-there {text}", "Install «program-that-is-not-there»")]
    [InlineData("sleep 60", "took longer", 1)]
    public async Task A_program_that_does_not_speak_is_named(string command, string why, int seconds = 30)
    {
        var engine = new ExternalProgramEngine(new() { Command = command, Timeout = TimeSpan.FromSeconds(seconds) });
        var failed = await Assert.ThrowsAsync<SpeechEngineException>(() => engine.RenderWavAsync("раз", null, "ru", Ct));
        Assert.Contains(why, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("say \"text")]
    public void A_command_line_that_cannot_be_read_is_refused(string command) =>
        Assert.Contains("Speech:Command",
            Assert.Throws<SpeechEngineException>(() => new ExternalProgramEngine(new() { Command = command })).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_service_is_sent_the_text_and_answers_with_sound()
    {
        (string? Text, string? Query) asked = default;
        await using var service = await StartAsync(async http =>
        {
            asked = (await new StreamReader(http.Request.Body).ReadToEndAsync(Ct), http.Request.QueryString.Value);
            await http.Response.Body.WriteAsync(PcmWav.Write(SoundWorkshop.Tone(800, 1, 8000)), Ct);
        });
        using var http = new HttpClient();
        using var library = _workshop.Library(SpeechEngines.Create(
            new() { Engine = SpeechEngineKind.Http, Url = new(service.Urls.Single() + "/say?key=1") }, http));
        var clip = await library.SpeakAsync("Игорь & Co", "Anna 2", "ru-RU", Ct);
        Assert.Equal(("Игорь & Co", "?key=1&voice=Anna%202&culture=ru-RU"), asked);
        Assert.True(ToneMatch.IsHeard(PcmWav.Read(await library.GetWavAsync(clip.Id, Ct)), 800, TimeSpan.FromSeconds(0.95)));
    }

    [Fact]
    public async Task A_service_that_refuses_or_is_not_there_is_named()
    {
        using var http = new HttpClient();
        var service = await StartAsync(http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var engine = new HttpSpeechEngine(http, new() { Url = new(service.Urls.Single()) });
        Assert.Contains("503",
            (await Assert.ThrowsAsync<SpeechEngineException>(() => engine.RenderWavAsync("раз", null, "ru", Ct))).Message, StringComparison.Ordinal);
        await service.DisposeAsync();
        Assert.Contains("cannot be used",
            (await Assert.ThrowsAsync<SpeechEngineException>(() => engine.RenderWavAsync("раз", null, "ru", Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_without_an_address_is_refused()
    {
        using var http = new HttpClient();
        Assert.Contains("Speech:Url",
            Assert.Throws<SpeechEngineException>(() => SpeechEngines.Create(new() { Engine = SpeechEngineKind.Http }, http)).Message,
            StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(answer);
        await app.StartAsync(Ct);
        return app;
    }
}
