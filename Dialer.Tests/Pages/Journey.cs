using System.Text.RegularExpressions;
using System.Text;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dialer.Tests.Pages;

/// <summary>What an administrator does, in a real browser.</summary>
public sealed class Journey(PagesHost host, Browser browser) : IClassFixture<PagesHost>, IClassFixture<Browser>
{
    private const string CampaignAddress = $"/t/{ScriptedWorld.Tenant}/campaigns/{ScriptedWorld.Campaign}";

    [Fact]
    public async Task An_administrator_logs_in_uploads_a_list_watches_it_run_and_pauses_it()
    {
        var page = await LogIn();
        await Expect(page).ToHaveURLAsync(new Regex("/t/tszh/campaigns$"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Долги" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Долги" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Загрузить список" }).ClickAsync();
        await Upload(page, 300);
        await Expect(page.GetByText("Список прочитан")).ToBeVisibleAsync();
        await Expect(page.GetByText("301 строка", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("300 контактов", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("1 строка отклонена", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("is too short for a number")).ToBeVisibleAsync();
        await Browser.CheckAccessibility(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Запустить «Долги»" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Сводка" }).ClickAsync();
        await Expect(page.Locator(".sentence")).ToContainTextAsync("Звонит: занято линий 2 из 3");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Нет ответа" })).ToBeVisibleAsync();
        await Browser.CheckAccessibility(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Приостановить «Долги»" }).ClickAsync();
        await Expect(page.Locator(".sentence")).ToContainTextAsync("На паузе");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Запустить «Долги»" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Contacts_and_calls_are_paged_and_filtered_by_the_address()
    {
        host.World.Replace(Enumerable.Range(0, 30).Select(n => ($"Пример {n}", $"7901000{n:0000}")));
        for (var call = 0; call < 30; call++)
            host.World.CallNext();
        var page = await LogIn();
        await page.GotoAsync($"{CampaignAddress}?tab=attempts");
        var rows = page.Locator("table.rows tbody tr");
        await Expect(rows).ToHaveCountAsync(25);
        await page.GetByRole(AriaRole.Link, new() { Name = "Следующая страница" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(5);
        await page.GotoAsync($"{CampaignAddress}?tab=attempts&verdict=NoAnswer");
        await Expect(rows).ToHaveCountAsync(10);
        await Expect(rows.First).ToContainTextAsync("Никто не ответил");
        await Browser.CheckAccessibility(page);
        await page.GotoAsync($"{CampaignAddress}?tab=contacts");
        await page.GetByLabel("Номер").FillAsync("0007");
        await page.GetByRole(AriaRole.Button, new() { Name = "Показать" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(page).ToHaveURLAsync(new Regex("tab=contacts.*number=0007|number=0007.*tab=contacts"));
        await Browser.CheckAccessibility(page);
    }

    [Fact]
    public async Task A_node_is_drained_after_a_question_and_given_calls_again()
    {
        var page = await LogIn();
        await page.GetByRole(AriaRole.Link, new() { Name = "Узлы" }).ClickAsync();
        await Expect(page.Locator(".state")).ToHaveTextAsync("На связи");
        await page.GetByRole(AriaRole.Button, new() { Name = "Вывести из работы: pbx" }).ClickAsync();
        Assert.False(host.World.Node.Draining);
        await Browser.CheckAccessibility(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Да, вывести: pbx" }).ClickAsync();
        await Expect(page.Locator(".state")).ToHaveTextAsync("Выводится из работы");
        Assert.True(host.World.Node.Draining);
        await page.GetByRole(AriaRole.Button, new() { Name = "Вернуть в работу: pbx" }).ClickAsync();
        await Expect(page.Locator(".state")).ToHaveTextAsync("На связи");
    }

    [Theory]
    [InlineData(1200, "light")]
    [InlineData(1200, "dark")]
    [InlineData(320, "light")]
    [InlineData(320, "dark")]
    public async Task Every_page_passes_axe_and_fits_its_window(int width, string theme)
    {
        host.World.Replace(Enumerable.Range(0, 3).Select(n => ($"Пример {n}", $"7901000{n:0000}")));
        host.World.CallNext();
        var page = await browser.Open(host.Address, width);
        await page.GotoAsync($"/preferences/theme/{theme}?back=/login");
        await CheckPage(page);
        await LogIn(page);
        foreach (var address in (string[])["/?choose=true", "/t/tszh/campaigns", CampaignAddress, $"{CampaignAddress}?tab=lists",
            $"{CampaignAddress}?tab=contacts", $"{CampaignAddress}?tab=attempts", "/t/tszh/trunks", "/nodes", "/t/nobody/campaigns", "/t/tszh/campaigns/none", "/no-such-page"])
        {
            await page.GotoAsync(address);
            await Expect(page.GetByRole(AriaRole.Heading).Or(page.Locator(".empty")).First).ToBeVisibleAsync();
            await Expect(page.Locator(".mud-skeleton")).ToHaveCountAsync(0);
            // The page as it stays: while the circuit takes over from what was sent first, head and body change one after the other.
            await Expect(page.Locator("a.skip")).ToHaveAttributeAsync("href", new Regex($"^{Regex.Escape(address)}#content$"));
            await Expect(page).ToHaveTitleAsync(new Regex("."));
            await CheckPage(page);
        }
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_pages_need_the_right_one()
    {
        var page = await browser.Open(host.Address, locale: "en-GB");
        await page.GotoAsync(CampaignAddress);
        await Expect(page).ToHaveURLAsync(new Regex("/login"));
        await page.GetByLabel("Password").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This is not the password");
        await page.GetByLabel("Password").FillAsync(PagesHost.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(CampaignAddress));
        await page.GetByRole(AriaRole.Link, new() { Name = "Русский" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Выйти" }).ClickAsync();
        await Expect(page.GetByLabel("Пароль")).ToBeVisibleAsync();
        await page.GotoAsync(CampaignAddress);
        await Expect(page).ToHaveURLAsync(new Regex("/login"));
    }

    private static async Task Upload(IPage page, int people)
    {
        var list = new StringBuilder("NAME;PHONE_NUMBER\n");
        for (var n = 0; n < people; n++)
            list.Append($"Пример {n};7901{n:0000000}\n");
        list.Append("Без номера;123\n");
        // A file that is chosen before the page is alive would be lost, so the field opens only then.
        await Expect(page.GetByLabel("Выберите файл CSV")).ToBeEnabledAsync();
        await page.GetByLabel("Выберите файл CSV").SetInputFilesAsync(
            new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(list.ToString()) });
        await Expect(page.GetByText("Выбран: list.csv")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Загрузить и заменить список" }).ClickAsync();
    }

    private static async Task CheckPage(IPage page)
    {
        await Browser.CheckAccessibility(page);
        var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{page.Url} is {overflow} px wider than its window.");
    }

    private async Task<IPage> LogIn()
    {
        var page = await browser.Open(host.Address);
        await page.GotoAsync("/login");
        await LogIn(page);
        return page;
    }

    private static async Task LogIn(IPage page)
    {
        await page.GetByLabel("Пароль").FillAsync(PagesHost.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Войти" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Выйти" })).ToBeVisibleAsync();
        // The front page leads on to the only tenant.
        await Expect(page).ToHaveURLAsync(new Regex("/t/tszh/campaigns$"));
    }
}
