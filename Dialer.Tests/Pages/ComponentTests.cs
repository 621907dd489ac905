using Bunit;
using Dialer.Web.Components.Calls;
using Dialer.Web.Components.Contacts;
using Dialer.Web.Components.Lists;
using Dialer.Web.Components.Shared;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace Dialer.Tests.Pages;

public sealed class ComponentTests : Speaking
{
    [Fact]
    public void An_upload_tells_its_counts_and_its_first_problems()
    {
        var report = new ListReport(7, "done", 412, 409, 2, 1, [new ListReportProblem(3, "PHONE_NUMBER", "The number is too short.")]);
        var shown = Render<UploadResult>(part => part.Add(p => p.Report, report).Add(p => p.ProblemsHref, "/problems.csv"));
        Assert.Equal(["412 строк", "409 контактов", "2 строки отклонены", "1 повтор"], shown.FindAll("li").Select(line => line.TextContent));
        Assert.Equal("3PHONE_NUMBERThe number is too short.", shown.Find("tbody tr").TextContent);
        Assert.Equal("/problems.csv", shown.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void A_region_shows_a_skeleton_while_it_loads_and_then_its_content()
    {
        var answer = new TaskCompletionSource<string>();
        var region = Region(_ => answer.Task);
        Assert.Single(region.FindAll("[role=status]"));
        Assert.Empty(region.FindAll(".empty"));
        answer.SetResult("content");
        region.WaitForAssertion(() => Assert.Equal("content", region.Find("p").TextContent));
        Assert.Empty(region.FindAll("[role=status]"));
    }

    [Fact]
    public void A_region_that_failed_shows_an_id_and_tries_again()
    {
        var tries = 0;
        var region = Region(_ => ++tries == 1 ? throw new InvalidOperationException("Not now.") : Task.FromResult("content"));
        Assert.Matches("Код ошибки: [0-9a-f]{8}", region.Find("[role=alert]").TextContent);
        Assert.DoesNotContain("Not now.", region.Markup, StringComparison.Ordinal);
        region.Find("button").Click();
        Assert.Equal("content", region.Find("p").TextContent);
    }

    [Fact]
    public void A_region_without_data_shows_its_empty_state() =>
        Assert.Equal("nothing", Region(_ => Task.FromResult("")).Find("b").TextContent);

    [Fact]
    public void A_slow_answer_to_an_old_question_does_not_overwrite_the_new_one()
    {
        var slow = new TaskCompletionSource<string>();
        var region = Region(_ => slow.Task);
        region.Render(part => part.Add(p => p.Key, "second").Add(p => p.Load, _ => Task.FromResult("new")));
        slow.SetResult("old");
        region.WaitForAssertion(() => Assert.Equal("new", region.Find("p").TextContent));
    }

    [Fact]
    public void A_prerendered_region_asks_for_nothing()
    {
        SetRendererInfo(new RendererInfo("Static", isInteractive: false));
        var asked = false;
        Region(_ =>
        {
            asked = true;
            return Task.FromResult("content");
        });
        Assert.False(asked);
    }

    [Fact]
    public void What_is_typed_into_a_filter_stays_when_the_page_is_shown_anew()
    {
        Keeps(Render<ContactsTab>(part => part.Add(p => p.Tenant, "t").Add(p => p.Campaign, "c").Add(p => p.Zone, TimeZoneInfo.Utc).Add(p => p.NumberText, "79")));
        Keeps(Render<AttemptsTab>(part => part.Add(p => p.Tenant, "t").Add(p => p.Campaign, "c").Add(p => p.Zone, TimeZoneInfo.Utc).Add(p => p.NumberText, "79")));

        static void Keeps<T>(IRenderedComponent<T> tab)
            where T : IComponent
        {
            Assert.Equal("79", Typed());
            tab.Find("input").Change("7999");
            tab.Render(part => part.TryAdd("Zone", TimeZoneInfo.Utc));
            Assert.Equal("7999", Typed());
            // Another address is shown as it is.
            tab.Render(part => part.TryAdd("NumberText", "78"));
            Assert.Equal("78", Typed());

            string? Typed() => tab.Find("input").GetAttribute("value");
        }
    }

    [Fact]
    public void Figures_that_get_no_news_turn_grey_and_tell_their_age()
    {
        var part = Render<Freshness>(p => p.Add(f => f.At, Clock.GetUtcNow()).AddChildContent("figures"));
        Assert.Empty(part.FindAll(".stale"));
        Clock.Advance(TimeSpan.FromSeconds(40));
        part.WaitForAssertion(() => Assert.Contains("Не обновлялось 40 секунд", part.Markup, StringComparison.Ordinal));
        Assert.Single(part.FindAll(".stale"));
    }

    private IRenderedComponent<Region<string>> Region(Func<CancellationToken, Task<string>> load) => Render<Region<string>>(part => part
        .Add(p => p.Load, load).Add(p => p.Key, "first").Add(p => p.IsEmpty, text => text.Length == 0)
        .Add(p => p.Empty, "<b>nothing</b>").Add(p => p.ChildContent, text => $"<p>{text}</p>"));
}
