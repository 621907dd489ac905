using System.Collections;
using System.Globalization;
using System.Resources;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Web.Components.Words;
using Dialer.Web.Resources;
using MudBlazor;
using Xunit;

namespace Dialer.Tests.Pages;

public sealed class PhrasesTests : Speaking
{
    private static readonly TimeZoneInfo Moscow = TimeZoneInfo.FindSystemTimeZoneById("Europe/Moscow");

    [Theory]
    [InlineData(0, "0 звонков")]
    [InlineData(1, "1 звонок")]
    [InlineData(2, "2 звонка")]
    [InlineData(5, "5 звонков")]
    [InlineData(11, "11 звонков")]
    [InlineData(12, "12 звонков")]
    [InlineData(21, "21 звонок")]
    [InlineData(112, "112 звонков")]
    [InlineData(1122, "1\u00a0122 звонка")]
    public void A_count_has_its_noun_in_the_right_form(long count, string text) => Assert.Equal(text, Say.Count("Calls", count));

    [Fact]
    public void English_has_one_and_other()
    {
        In("en");
        Assert.Equal(["0 calls", "1 call", "2 calls", "1,021 calls"], new long[] { 0, 1, 2, 1021 }.Select(count => Say.Count("Calls", count)));
    }

    [Fact]
    public void A_moment_is_in_the_zone_of_the_tenant_and_the_form_of_the_language()
    {
        var moment = DateTimeOffset.Parse("2026-03-09T04:05:00Z");
        Assert.Equal("09.03.2026 07:05", Say.Moment(moment, Moscow));
        In("en");
        Assert.Equal("9 Mar 2026 07:05", Say.Moment(moment, Moscow));
    }

    [Fact]
    public void The_sentence_says_what_a_campaign_is_doing()
    {
        var until = DateTimeOffset.Parse("2026-03-09T06:00:00Z");
        Assert.Equal("Звонит: занято линий 2 из 3, осталось 12 контактов.", Sentence(CampaignActivity.Calling));
        Assert.Equal("На паузе: 2 звонка закончатся сами, осталось 12 контактов.", Sentence(CampaignActivity.Paused));
        Assert.Equal("Ждёт до 09.03.2026 09:00, осталось 12 контактов.", Sentence(CampaignActivity.Waiting, new StatusReason("outsideSchedule", "", until)));
        Assert.Equal("Закончена: дозвонились до 7 из 20.", Sentence(CampaignActivity.Finished));
        In("en");
        Assert.Equal("Calling: 2 of 3 lines in use, 12 contacts are left.", Sentence(CampaignActivity.Calling));
    }

    [Fact]
    public void A_reason_that_the_pages_do_not_know_is_told_in_the_words_of_the_campaign() =>
        Assert.Equal("Moon phase", Say.Reason(new StatusReason("moonPhase", "Moon phase"), Moscow));

    [Fact]
    public void Every_reason_verdict_and_state_has_its_text()
    {
        string[] reasons =
        [
            "paused", "notStarted", "ended", "outsideSchedule", "dialPlan", "noContacts", "nothingDue", "noLines", "trunkMissing", "trunkDown", "trunkBusy",
            "noNode", "speechUnavailable", "databaseUnavailable", "finished",
        ];
        var names = reasons.Select(reason => $"Reason.{reason}").Concat(Enum.GetNames<Verdict>().Select(name => $"Verdict.{name}"))
            .Concat(Enum.GetNames<CampaignActivity>().Select(name => $"State.{name}")).Concat(Enum.GetNames<NodeActivity>().Select(name => $"Node.{name}"));
        Assert.DoesNotContain(names, name => Say.Find(name) is null);
    }

    [Fact]
    public void Russian_and_English_have_the_same_texts_with_the_same_places()
    {
        var english = Read(typeof(Texts), "");
        var russian = Read(typeof(Texts), "ru");
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), russian.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(english.Keys, name => Places(english[name]) != Places(russian[name]));
    }

    [Fact]
    public void Every_text_of_MudBlazor_is_there_in_Russian()
    {
        var resources = typeof(MudComponentBase).Assembly;
        using var reader = new ResourceReader(resources.GetManifestResourceStream("MudBlazor.Resources.LanguageResource.resources")!);
        var russian = Read(typeof(MudTexts), "ru");
        Assert.Empty(reader.Cast<DictionaryEntry>().Where(entry => Places((string)entry.Value!) != Places(russian.GetValueOrDefault((string)entry.Key, "missing {9}"))).Select(entry => entry.Key));
    }

    private string Sentence(CampaignActivity state, params StatusReason[] reasons) => Say.Sentence(
        new CampaignStatus(state, reasons),
        new CampaignStats(
            new ContactCounts(21, 10, 2, 7, 1, 1), new AttemptCounts(0, 0, new Dictionary<Verdict, long>()), new TalkTime(default, default),
            new OperatorCounts(0, 0), new LineCounts(2, 3)),
        Moscow);

    private static Dictionary<string, string> Read(Type source, string culture) => new ResourceManager(source)
        .GetResourceSet(CultureInfo.GetCultureInfo(culture), createIfNotExists: true, tryParents: false)!
        .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);

    private static string Places(string text) =>
        string.Concat(Enumerable.Range(0, 10).Where(n => text.Contains($"{{{n}}}", StringComparison.Ordinal)));
}
