using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>The speech engine fails for a while: nobody is called to listen to silence.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class SpeechOutageTests(AsteriskPair pair, PrivatePostgres postgres) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dialer-voice-").FullName;

    private string Broken => Path.Combine(_folder, "broken");

    private string TriesFile => Path.Combine(_folder, "tries");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task While_no_text_can_be_spoken_nobody_picks_up_a_silent_call_and_calls_go_out_when_it_can()
    {
        var speak = Path.Combine(_folder, "speak.sh");
        await File.WriteAllTextAsync(speak, $"""echo >> "{TriesFile}"; test ! -e "{Broken}" || exit 1; exec espeak-ng -v "$1" --stdin --stdout""", TestContext.Current.CancellationToken);
        await using var dialer = await RealDialer.StartAsync(pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), RealDialer.NodeOf(pair))
        {
            Settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Dialer:Speech:Engine"] = "Program",
                ["Dialer:Speech:Command"] = $"sh \"{speak}\" {{voice}}",
            },
        });
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/extensions", """{"999":{"kind":"sayText","text":"[% VAR:BALANCE %] шагов","type":"text","goTo":null}}""");
        await dialer.PutCampaignAsync(minimum: "00:00:00", retries: 0);
        await File.WriteAllTextAsync(Broken, "", TestContext.Current.CancellationToken);
        (string Name, string Number) first = ("First Example", RealDialer.Number(10)), second = ("Second Example", RealDialer.Number(10));

        await dialer.UploadAsync((first.Name, first.Number, "одиннадцать"));
        var noticed = await dialer.SeeAttemptAsync(RealDialer.HasEnded, "the end of a call that had nothing to say");
        Assert.Equal(("interrupted", null), ((string)noticed["verdict"]!, noticed["answeredAt"]));
        await dialer.SeeReasonAsync("speechUnavailable");
        await dialer.Api.UploadAsync(RealDialer.Campaign, $"\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n\"{second.Name}\",\"{second.Number}\",\"BALANCE=двенадцать\"\n", "add");
        // Tried again, and still failing: the second person was not even attempted.
        var tried = Tries();
        await Eventually.SeeAsync(() => Tries() >= tried + 2 ? this : null, "two more trials of the engine", TimeSpan.FromSeconds(20));
        await dialer.SeeReasonAsync("speechUnavailable");
        Assert.DoesNotContain(await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts"), a => (string)a["name"]! == second.Name);
        await dialer.NothingIsLeftAsync();
        File.Delete(Broken);

        foreach (var person in new[] { first, second })
        {
            var contact = await dialer.SeeContactAsync(person.Name, c => (string)c["state"]! is "done" or "failed", "called");
            Assert.Equal((person.Name, "done", "success"), (person.Name, (string)contact["state"]!, (string)contact["lastVerdict"]!));
        }

        await dialer.NothingIsLeftAsync();
        Assert.NotNull(Assert.Single(await pair.CallsToAsync(second.Number)).AnsweredAt);
        Assert.Single(await pair.CallsToAsync(first.Number), call => call.AnsweredAt is not null);
    }

    private int Tries() => File.Exists(TriesFile) ? File.ReadAllLines(TriesFile).Length : 0;
}
