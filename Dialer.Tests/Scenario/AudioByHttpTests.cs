using System.Globalization;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Speech;
using Xunit;

namespace Dialer.Tests.Scenario;

/// <summary>An Asterisk on another machine shares no folder with the silos: it fetches each clip by HTTP, and callers hear all of it.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class AudioByHttpTests(AsteriskPair pair, PrivatePostgres postgres)
{
    private const string Balance = "-1517.43";

    [Fact]
    public async Task Every_word_of_an_amount_is_heard_where_the_node_has_no_folder_of_clips()
    {
        await using var dialer = await RealDialer.StartAsync(
            pair, new HostedParts(await postgres.CreateDatabaseAsync(migrate: false), RealDialer.NodeOf(pair)) { AudioByHttp = true });
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/audio/greeting", """{"text":"Вас беспокоит дом на набережной","voice":null}""");
        await dialer.PutExtensionAsync("999*1", """{"kind":"sayText","text":"[% VAR:BALANCE %] rub","type":"money","goTo":null}""");
        await dialer.PutExtensionAsync("999", """{"kind":"autoInformer","audio":"greeting","goTo":"999*1"}""");
        await dialer.PutCampaignAsync(lines: 1);
        var words = await dialer.WordsAsync(Balance);
        Assert.StartsWith("sound:http://127.0.0.1:", dialer.Host.Media.MediaUri(new string('0', 32)), StringComparison.Ordinal);

        // The second call plays what the first one's node has kept.
        var (first, second) = (RealDialer.Number(10), RealDialer.Number(10));
        await dialer.UploadAsync(("First Example", first, Balance), ("Second Example", second, Balance));
        await dialer.OutcomesAsync(("First Example", first, "done", ["success"]), ("Second Example", second, "done", ["success"]));
        var (fetched, kept) = (await ScoresAsync(first), await ScoresAsync(second));
        // Every word each time, though a packet of it may be lost (AudioMatchTests); whole at least once, the last one too, after which the dialer hangs up.
        Assert.True(fetched.Concat(kept).Min() >= 0.6 && fetched.Zip(kept, Math.Max).Min() >= 0.85, $"{Text(fetched)}; then {Text(kept)}");

        async Task<IReadOnlyList<double>> ScoresAsync(string number) => AudioMatch.Scores(
            (await pair.HeardAsync(Assert.Single(await pair.CallsToAsync(number)))).Samples, [await dialer.AudioAsync("greeting"), .. words]);
    }

    private static string Text(IEnumerable<double> scores) => string.Join(", ", scores.Select(s => s.ToString("0.000", CultureInfo.InvariantCulture)));
}
