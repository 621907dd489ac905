using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Pages;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dialer.Tests.Scenario;

/// <summary>What an administrator sees in a real browser while the whole dialer calls people through a real Asterisk.</summary>
[Collection(BusyAsteriskCollection.Name)]
public sealed class PagesOnRealPartsTests(AsteriskPair pair, PrivatePostgres postgres, Browser browser) : IClassFixture<Browser>
{
    // Their calls take most of a minute: the list is not over before the page was looked at.
    private const int People = 20;
    private const int Share = 2;
    private const string Campaign = "/t/example/campaigns/debts";

    /// <summary>They answer, listen for four seconds and hang up, so that calls are always running and always ending.</summary>
    private readonly string[] _numbers = [.. Enumerable.Range(0, People).Select(_ => RealDialer.Number(11))];

    [Fact]
    public async Task An_administrator_uploads_a_list_watches_the_calls_and_pauses_them()
    {
        await using var dialer = await RealDialer.StartAsync(pair, postgres);
        await dialer.Api.PutAsync($"{RealDialer.Tenant}/audio/greeting", """{"text":"Вас беспокоит ТСЖ Пример","voice":null}""");
        await dialer.PutExtensionAsync("999", """{"kind":"playback","audio":"greeting","waitForInput":true,"inputTimeout":"00:00:20","goTo":null}""");
        await dialer.PutCampaignAsync(lines: Share);
        var page = await LogInAsync(dialer);

        await UploadAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Сводка" }).ClickAsync();
        // Whatever is seen from here on comes to this page by itself.
        await page.EvaluateAsync("window.seenFromHereOn = true");
        await Expect(page.Locator(".sentence")).ToContainTextAsync($"Звонит: занято линий {Share} из {Share}");
        await Expect(Figure(page, "Занято линий")).ToHaveTextAsync($"{Share} из {Share}");
        await Expect(Figure(page, "Готово")).ToHaveTextAsync(new Regex("^[1-9]"));
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Успех" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Приостановить «Долги»" }).ClickAsync();
        await Expect(page.Locator(".sentence")).ToContainTextAsync("На паузе");
        await Expect(Figure(page, "Занято линий")).ToHaveTextAsync($"0 из {Share}");

        // All lines are free and people wait: whoever was called was called before the pause.
        await dialer.NothingIsLeftAsync();
        var attempts = await dialer.Api.RowsAsync(RealDialer.Campaign, "attempts");
        Assert.InRange(attempts.Count, Share, People - 1);
        await Expect(Figure(page, "Ждёт")).ToHaveTextAsync($"{People - attempts.Count}");
        await Expect(Figure(page, "Готово")).ToHaveTextAsync($"{attempts.Count}");
        await TablesAreFilledAsync(page, attempts);
        Assert.True(await page.EvaluateAsync<bool>("window.seenFromHereOn === true"), "The page was loaded anew.");
        Assert.Equal(attempts.Count, pair.ReadCallLog().Count(call => _numbers.Contains(call.Number)));
    }

    private static ILocator Figure(IPage page, string name) => page.Locator(".figures > div").Filter(new() { HasText = name }).Locator("dd");

    private static async Task TablesAreFilledAsync(IPage page, IReadOnlyList<JsonNode> attempts)
    {
        var rows = page.Locator("table.rows tbody tr");
        await page.GetByRole(AriaRole.Link, new() { Name = "Контакты" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(People);
        await Expect(rows.Filter(new() { HasText = "Готово" })).ToHaveCountAsync(attempts.Count);
        await Expect(rows.Filter(new() { HasText = "Ждёт" })).ToHaveCountAsync(People - attempts.Count);
        await Expect(rows.First).ToContainTextAsync("BALANCE=-100.50");

        await page.GetByRole(AriaRole.Link, new() { Name = "Звонки" }).ClickAsync();
        await Expect(rows.Filter(new() { HasText = "Успех" })).ToHaveCountAsync(attempts.Count);
        foreach (var attempt in attempts)
        {
            await Expect(rows.Filter(new() { HasText = (string)attempt["name"]! })).ToContainTextAsync((string)attempt["number"]!);
        }
    }

    private async Task<IPage> LogInAsync(RealDialer dialer)
    {
        using var stranger = dialer.Host.Stranger();
        var page = await browser.Open(stranger.BaseAddress!.ToString());
        await page.GotoAsync(Campaign);
        await page.GetByLabel("Пароль").FillAsync(DialerHost.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Войти" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Долги" })).ToBeVisibleAsync();
        return page;
    }

    private async Task UploadAsync(IPage page)
    {
        var list = new StringBuilder("\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n");
        for (var n = 0; n < People; n++)
            list.Append($"\"Person {n} Example\",\"{_numbers[n]}\",\"BALANCE=-{100 + n}.50\"\n");
        await page.GetByRole(AriaRole.Link, new() { Name = "Загрузить список" }).ClickAsync();
        var file = page.GetByLabel("Выберите файл CSV");
        await Expect(file).ToBeEnabledAsync();
        await file.SetInputFilesAsync(new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(list.ToString()) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Загрузить и заменить список" }).ClickAsync();
        await Expect(page.GetByText("Список прочитан")).ToBeVisibleAsync();
        await Expect(page.GetByText($"{People} контактов", new() { Exact = true })).ToBeVisibleAsync();
    }
}
